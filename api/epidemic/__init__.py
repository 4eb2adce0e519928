"""The epidemic over HTTP: figures, levels of risk, tables to download, and reports."""
