"""Questions of the public (公示查询): Core statements on the role that may read the `published` schema and nothing else.

`seen_by` has no place here: everybody sees the same. What is asked instead is the day, since a row is shown from its
`visible_from` to its `visible_until`.
"""
