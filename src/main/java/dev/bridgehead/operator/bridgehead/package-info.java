/**
 * The bridgehead controller: makes and keeps the pods, volumes and Services of one Bridgehead, and
 * lets them go when it is deleted. Entered by JOSDK's executor (virtual threads), at most one at a
 * time for a bridgehead; depends on {@code operator.model} and {@code operator.kube}, and knows a
 * relay only by its management API.
 */
@NullMarked
package dev.bridgehead.operator.bridgehead;

import org.jspecify.annotations.NullMarked;
