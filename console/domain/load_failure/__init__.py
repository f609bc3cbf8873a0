"""Load failures: from what Triton wrote about them to the cause, innermost first, and what to do.

Log lines, the status table, the repository index's reason and HTTP bodies become records
(``carriers``), records become the failures of models (``blocks``), and each is judged by the tables of
``rules`` (``judge``). ``causes`` says what a cause means and what to do about it.
"""
