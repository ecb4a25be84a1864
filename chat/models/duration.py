def in_seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f} s"
