/** Vendors' callbacks into events: signatures, mappings, and the HTTP service. */
package io.heed.cli.webhooks;
