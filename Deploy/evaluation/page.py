"""The report as an HTML page that needs nothing from elsewhere. Each plot stands beside the table it draws."""

from html import escape

COLOURS = {"right": "#2a7f4f", "left to a person": "#2a7f4f", "undecided": "#c9b458", "wrong": "#b3403a",
           "filed": "#b3403a"}
STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: .5rem 0 1rem } caption { text-align: left; font-weight: bold }
td, th { padding: .15rem .75rem; text-align: right; border-bottom: 1px solid #ddd } td:first-child, th:first-child
{ text-align: left } svg { max-width: 100%; height: auto } figcaption span { margin-right: 1rem }
"""


def render(sections):
    parts = [
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>Pasquino: quality of the shipped rules</title><style>{STYLE}</style>",
        "<h1>Quality of the shipped rules</h1>"]
    for section in sections:
        parts.append(f"<h2>{escape(section.title)}</h2><p>{escape(section.about)}</p>")
        for table in section.tables:
            parts.append(_table(table))
            if table.parts:
                parts.append(_bars(table))
    return "\n".join(parts) + "\n</html>\n"


def _table(table):
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f"<table><caption>{escape(table.title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _bars(table):
    """One bar a row, all of the same length: shares of its whole."""
    columns = [table.columns.index(part) for part in table.parts]
    height, left, width = 24, 260, 480
    bars = []
    for number, row in enumerate(table.rows):
        y, x = number * height, left
        whole = sum(row[column] for column in columns)
        bars.append(
            f'<text x="{left - 8}" y="{y + 16}" text-anchor="end">{escape(str(row[0])[:36])}</text>')
        for part, column in zip(table.parts, columns):
            share = row[column] / whole if whole else 0
            bars.append(
                f'<rect x="{x:.1f}" y="{y + 3}" width="{share * width:.1f}" height="{height - 6}" '
                f'fill="{COLOURS[part]}"><title>{escape(part)}: {row[column]} of {whole}</title></rect>')
            x += share * width
        bars.append(f'<text x="{left + width + 8}" y="{y + 16}">{whole}</text>')
    key = "".join(f'<span><b style="color:{COLOURS[part]}">■</b> {escape(part)}</span>' for part in table.parts)
    return (
        f'<figure><svg viewBox="0 0 {left + width + 80} {height * len(table.rows)}" role="img" font-size="13" '
        f'aria-label="{escape(table.title)}: {escape(", ".join(table.parts))}; the figures stand in the table above">'
        + "".join(bars) + f"</svg><figcaption>{key}</figcaption></figure>")
