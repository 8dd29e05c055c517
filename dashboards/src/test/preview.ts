import type {Shown} from './grafana.js';

interface Drawn {
  series: {name?: string; type: string; color?: string; tooltip?: {valueFormatter?: (value: unknown) => string}; data: unknown[]; label?: {formatter?: (point: object) => string}}[];
  yAxis: {data?: string[]}[];
}

/** What a panel of the preview shows; runs in the page, and so has all that it needs in itself. */
export function shownByPreview(id: number): Shown[] {
  const body = document.querySelector(`#panel-${id} .body`)!;
  const texts = (selector: string, from: Element = body) => [...from.querySelectorAll(selector)].map(at => at.textContent!);
  const type = body.parentElement!.dataset['type'];
  if (body.querySelector('.empty, .error')) {
    return [{name: null, color: null, texts: texts('.empty, .error')}];
  }
  if (type === 'stat') {
    return [...body.querySelectorAll('.stat')].map(at => ({
      name: at.querySelector('.name')?.textContent ?? null, color: at.querySelector<HTMLElement>('.value')!.dataset['color']!, texts: texts('.value', at)}));
  }
  if (type === 'table') {
    return [...body.querySelectorAll<HTMLElement>('th')].map((header, column) => {
      const cells = [...body.querySelectorAll<HTMLElement>(`td:nth-child(${column + 1})`)];
      const colors = cells.map(cell => cell.dataset['color'] ?? null);
      return {name: header.dataset['name']!, color: null, texts: cells.map(cell => cell.textContent!), colors: colors.some(Boolean) ? colors : []};
    });
  }
  const chart = body.querySelector('.chart');
  if (!chart) {
    return [];
  }
  const {series, yAxis} = (window as unknown as {echarts: {getInstanceByDom: (at: Element) => {getOption: () => Drawn}}}).echarts.getInstanceByDom(chart).getOption();
  switch (type) {
    case 'bargauge':
      return series[0]!.data.map((bar, dataIndex) => ({
        name: yAxis[0]!.data![dataIndex]!, color: (bar as {itemStyle: {color: string}}).itemStyle.color, texts: [series[0]!.label!.formatter!({dataIndex})]}));
    case 'state-timeline': {
      const spans = series[0]!.data as {name: string; value: number[]; itemStyle: {color: string}}[];
      return yAxis[0]!.data!.map((name, track) => {
        const own = spans.filter(({value}) => value[0] === track);
        return {name, color: null, texts: own.map(span => span.name), colors: own.map(({itemStyle}) => itemStyle.color)};
      });
    }
    case 'heatmap': {
      const cells = series[0]!.data as [number, number, number][];
      return yAxis[0]!.data!.map((name, row) => ({
        name, color: null, texts: cells.filter(cell => cell[1] === row).map(([, , value]) => series[0]!.tooltip!.valueFormatter!(value))}));
    }
    default:
      return series.filter(({tooltip}) => tooltip?.valueFormatter).map(({name, color, tooltip, data}) => ({
        name: name!, color: color!, texts: data.map(point => tooltip!.valueFormatter!(Array.isArray(point) ? point[2] : point))}));
  }
}
