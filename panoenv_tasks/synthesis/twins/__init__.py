"""Twins: two panoramas and one question, in the same words, whose right answers differ.

Whoever does not look gives both the same answer and is right at most once. ``near`` sets one thing at two
distances without moving its outline by a pixel, ``turned`` turns the camera, ``places`` asks the same of two
easily confused environments, ``pairs`` finds the questions, and ``frame`` writes one scene's twins.
"""
