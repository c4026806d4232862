"""Networks that label a heart, and what finds or tidies one."""
