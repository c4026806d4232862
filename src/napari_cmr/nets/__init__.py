"""Networks: torch modules, one file per published system; no files, no devices, no training."""
