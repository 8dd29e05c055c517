/** When and where: allowed hours, the places where a recipient may be, holidays, business days. */
package io.heed.core.hours;
