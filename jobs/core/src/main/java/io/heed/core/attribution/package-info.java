/**
 * Who earned a conversion: touches, look-back windows, models of credit, shares of money, refunds,
 * the Markov model of a day, and the lift that hold-outs prove. Plain functions over one
 * recipient's {@link io.heed.core.attribution.History}; how rows reach a topic is not known here.
 */
package io.heed.core.attribution;
