package dev.bridgehead.api;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** The SMTP connector: what users write. */
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Plural("smtpconnectors")
@ShortNames("smtpc")
@Categories("mail")
public final class SmtpConnector extends CustomResource<SmtpConnectorSpec, SmtpConnectorStatus>
    implements Namespaced {}
