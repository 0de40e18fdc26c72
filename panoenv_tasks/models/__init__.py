"""lmms-eval models of known behaviour: they read the question, or the gold answer, never a picture."""
