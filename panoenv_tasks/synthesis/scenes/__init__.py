"""Procedural scenes: furniture, houses, trees and beasts made of boxes, balls and tubes.

``family`` lays a scene out, ``cast`` finds what each ray meets, ``shade`` colours it. The same scene can be
seen by any camera at the origin: a panorama, or six cube faces.
"""
