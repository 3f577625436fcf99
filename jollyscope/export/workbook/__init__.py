"""A workbook (.xlsx) of a store's tables, with pivot tables, charts and links.

Written after ECMA-376 Part 1 (SpreadsheetML); docs/workbook.md says what is in it.
"""
