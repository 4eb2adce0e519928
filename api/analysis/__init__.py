"""Analysis: a process of its own beside the workers, with its queue, and the way there."""
