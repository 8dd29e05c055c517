/**
 * The preview: draws the dashboards of {@code dashboards/} from their own files, for a local stack
 * without Grafana. {@link io.heed.preview.PreviewServer} serves, {@link io.heed.preview.Query}
 * makes SQL of what a file says, {@link io.heed.preview.ClickHouse} runs it as a user that can only
 * read.
 */
package io.heed.preview;
