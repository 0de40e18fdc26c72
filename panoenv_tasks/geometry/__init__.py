"""The space around the camera: directions, cube faces, the words for them, and turning.

Camera frame everywhere: x right, y up, z forward. The centre of the panorama looks forward, its left half
to the left. Nothing here knows a question, a scene or a model.
"""
