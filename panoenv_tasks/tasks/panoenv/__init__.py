"""The tasks themselves; ``utils`` holds what the task files call, ``names`` what they are called."""
