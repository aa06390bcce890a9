/**
 * One attempt to hand one message to a next hop: connect or take up a kept session, speak SMTP,
 * read a result per recipient. Runs on the virtual thread of the attempt, with one thread for all
 * deadlines and one that takes leave of idle sessions; depends on {@code mail}, {@code auth},
 * {@code config}, {@code routing} and {@code policy}.
 */
@NullMarked
package dev.bridgehead.relay.delivery;

import org.jspecify.annotations.NullMarked;
