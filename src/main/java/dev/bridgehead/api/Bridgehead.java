package dev.bridgehead.api;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * One group of relay pods: what the operator makes of a connector's entry. Users read it and may
 * scale it.
 */
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Plural("bridgeheads")
@ShortNames("bh")
@Categories("mail")
public final class Bridgehead extends CustomResource<BridgeheadSpec, BridgeheadStatus>
    implements Namespaced {}
