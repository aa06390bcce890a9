/**
 * Tier 4: the product as its users meet it, on a real node. The image of this build, installed with
 * the chart; connectors applied with kubectl; mail sent by pods and received by real Postfix
 * servers.
 */
package dev.bridgehead.node;
