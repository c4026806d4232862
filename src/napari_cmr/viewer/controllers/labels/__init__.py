"""Labels of a scan: made by models, drawn, kept against a crash, compared, outlined."""
