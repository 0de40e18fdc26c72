"""How much can be answered without the image, and which questions cannot.

``climb`` answers on four rungs, ``probabilities`` says per question how likely a blind answer is right, and
``hard_ids`` picks the questions on which blindness does not pay.
"""
