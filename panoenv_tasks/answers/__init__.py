"""From a model's text to a parsed answer. Nothing here knows the right answer."""
