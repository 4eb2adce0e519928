"""Reports of departments and districts over HTTP, as pages, as workbooks and as documents."""
