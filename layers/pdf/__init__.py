"""PDF files: a child process of bounded means reads them, so that none harms a worker."""
