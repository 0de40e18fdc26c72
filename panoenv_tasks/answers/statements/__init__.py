"""Committed statements (``strict@2``): what an answer says outright, by a small closed grammar per kind.

Version 1 searched answers for words; here a sentence counts only when the grammar covers all of it. What
it does not cover is ``unparsed``, also where a person would understand it: a reader model may settle that.
Nothing here knows the right answer.

    places     where in a completion the answer stands
    wrappers   what is taken off before reading: mark-up, quotes, "the answer is"
    sentences  the first sentence, its justification, and what in the rest would take it back
    truth, choice, distance, count, relation    the grammars
"""
