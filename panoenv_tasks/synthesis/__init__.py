"""Build panoramas and questions from scratch: cube faces or procedural scenes to a PanoEnv tree.

The way of the data: a source (``tartanair`` or ``scenes``) gives a ``Panorama``; ``objects`` measures what
is in it; ``questions`` asks about the objects; ``frame`` writes both; ``build`` does that many times.
Everything is in the camera frame: x right, y up, z forward, metres, the camera at the origin.
"""
