/** Tests of the image that {@code ./mvnw package -Pimage} leaves, without a container runtime. */
@NullMarked
package dev.bridgehead.image;

import org.jspecify.annotations.NullMarked;
