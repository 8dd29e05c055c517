// In place of @grafana/i18n: every text in English, as it stands in the source.
export const t = (_key: string, text: string) => text;
