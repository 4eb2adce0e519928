"""Reports that departments and districts must send: a record each, made from what is entered."""
