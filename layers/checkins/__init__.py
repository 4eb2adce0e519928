"""Check-ins at checkpoints and control points: recorded once, counted, told without persons."""
