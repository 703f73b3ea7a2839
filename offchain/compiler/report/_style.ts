/** The page's whole style: light, readable in print, nothing loaded. */
export const STYLE = `
:root { color-scheme: light; }
body { margin: 0; background: #fff; color: #1d2430; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 28px; margin: 0 0 8px; }
h2 { font-size: 19px; margin: 40px 0 12px; border-bottom: 1px solid #d8dde6; padding-bottom: 4px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0 0 16px; }
dt { color: #5a6577; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 12px 0; font-size: 13px; }
th, td { text-align: left; padding: 4px 8px; border-bottom: 1px solid #e6e9ef; overflow-wrap: anywhere; }
th { color: #5a6577; font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.warning { background: #fff3d6; border: 1px solid #e8c46a; padding: 8px 12px; border-radius: 4px; }
figure { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 12px; margin: 16px 0; }
figcaption { grid-column: 1 / -1; color: #5a6577; }
svg { width: 100%; height: auto; font-size: 12px; fill: #1d2430; }
svg.wide { margin: 8px 0; }
.grid { stroke: #e6e9ef; }
.diagonal { stroke: #9aa5b5; stroke-dasharray: 4 3; }
.points circle { fill: #2f6fdb; fill-opacity: 0.45; }
.bars rect { fill: #2f6fdb; }
`;
