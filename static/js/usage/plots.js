// Draws what a table says: a bar for each of its rows, from the columns that the canvas names.
const query = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();

function series(table, rows, name, color) {
  const cells = rows.map((row) => row.querySelector(`[data-${name}]`));
  return {
    label: table.tHead.rows[0].cells[cells[0].cellIndex].textContent,
    words: cells.map((cell) => cell.textContent),
    data: cells.map((cell) => Number(cell.dataset[name])),
    backgroundColor: color, hoverBackgroundColor: color, maxBarThickness: 28,
  };
}

function options(isLying, hasLegend, { color, borderTopColor }) {
  const counted = { stacked: true, beginAtZero: true, ticks: { color, maxTicksLimit: 6 }, grid: { color: borderTopColor } };
  const named = { stacked: true, ticks: { color, maxRotation: 0, autoSkip: !isLying }, grid: { display: false } };
  return {
    animation: false,
    maintainAspectRatio: false,
    indexAxis: isLying ? "y" : "x",
    scales: isLying ? { x: counted, y: named } : { x: named, y: counted },
    plugins: {
      legend: { display: hasLegend, labels: { color, boxWidth: 12 } },
      tooltip: { callbacks: { label: ({ dataset, dataIndex }) => `${dataset.label}: ${dataset.words[dataIndex]}` } },
    },
  };
}

function draw(canvas) {
  const table = document.getElementById(canvas.dataset.plot);
  const rows = [...table.tBodies[0].rows];
  if ("latestFirst" in canvas.dataset) rows.reverse();
  const look = getComputedStyle(canvas);
  const colors = [look.outlineColor, look.columnRuleColor];
  const names = canvas.dataset.columns.split(" ");
  const isLying = "lying" in canvas.dataset;
  if (isLying) canvas.parentElement.style.height = `${rows.length * 28 + 48}px`;
  drawn.get(canvas)?.destroy();
  drawn.set(canvas, new Chart(canvas, {
    type: "bar",
    data: {
      labels: rows.map((row) => row.cells[0].textContent),
      datasets: names.map((name, place) => series(table, rows, name, colors[place])),
    },
    options: options(isLying, names.length > 1, look),
  }));
}

function drawAll() {
  document.querySelectorAll("canvas[data-plot]").forEach(draw);
}
drawAll();
query.addEventListener("change", drawAll);
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
