"""What was measured, each with its target, as a table."""


def say(text):
    print(text, flush=True)


class Table:
    def __init__(self):
        self.rows = []

    def note(self, what, target, value, unit, detail, good):
        measured = f"{value:.2f}{unit}" if isinstance(value, float) else str(value)
        self.rows.append((what, target, measured, detail, "ok" if good else "MISSED"))
        say(f"  {what}: {measured}")

    def ratio(self, what, of, to, most=None, least=None):
        value = of / to
        target = f"<= {most:g}x" if most else f">= {least:g}x"
        self.note(what, target, value, "x", f"{of:.3f} s / {to:.3f} s", value <= most if most else value >= least)

    def print(self):
        head = ("what", "target", "measured", "", "")
        widths = [max(len(row[i]) for row in [head, *self.rows]) for i in range(5)]
        for row in [head, tuple("-" * width for width in widths), *self.rows]:
            say("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
