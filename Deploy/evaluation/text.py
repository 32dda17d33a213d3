"""The report as text."""


def render(sections):
    lines = []
    for section in sections:
        lines += [section.title, "=" * len(section.title), section.about, ""]
        for table in section.tables:
            lines += [table.title, "-" * len(table.title), *_columns(table), ""]
    return "\n".join(lines)


def _columns(table):
    rows = [tuple(map(str, row)) for row in [table.columns, *table.rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.columns))]
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        yield "  ".join(cells).rstrip()
