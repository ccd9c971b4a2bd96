// Generation 2.x: AzureClient, as apps use it.
import { AzureClient } from "@fluidframework/azure-client";
import { DefaultSummaryConfiguration } from "@fluidframework/container-runtime/internal";
import { createDOProviderContainerRuntimeFactory } from "@fluidframework/fluid-static/internal";
import { SchemaFactory, SharedTree, TreeViewConfiguration } from "fluid-framework";
import { SharedMap, SharedString } from "fluid-framework/legacy";
import { Document, watched } from "../lib/document.mjs";
import { notesConfiguration } from "../lib/notes.mjs";
import { tokenProvider } from "../lib/tokens.mjs";

export const has = { notes: true, text: true, targetedSignals: true, connectsTo: "write", reconnectsTo: "write" };

const notes = notesConfiguration({ SchemaFactory, TreeViewConfiguration });
export const schema = { initialObjects: { map: SharedMap, notes: SharedTree, text: SharedString } };

/** The parts of a fluid container of the schema. */
export const parts = ({ initialObjects }, { isNew }) => {
  const view = initialObjects.notes.viewWith(notes);
  if (isNew) view.initialize([]);
  return { map: initialObjects.map, text: initialObjects.text, notes: view };
};

class Client {
  /** @param options.tenant The tenant of `connection: "remote"`; local mode knows one tenant, of that name. */
  constructor({ server, tenant, key, user = "ann", token, tokens, runtimeOptions, connection = "local" }) {
    this.user = user;
    const at = { tenant: connection === "local" ? "local" : tenant, key };
    this.tokens = tokens ?? tokenProvider(at, user, token);
    this.azure = new AzureClient({
      connection: { type: connection, endpoint: server, tenantId: at.tenant, tokenProvider: this.tokens },
      createContainerRuntimeFactory: (properties) => {
        this.seen = watched(createDOProviderContainerRuntimeFactory({ ...properties, runtimeOptionOverrides: runtimeOptions }));
        return this.seen.factory;
      },
    });
  }

  /** A new document with what `fill` puts in before it is attached. */
  async create(fill = () => {}) {
    const { container, services } = await this.azure.createContainer(schema, "2");
    const document = this.#document(container, services, true);
    fill(document);
    document.id = await container.attach();
    return document.isConnected();
  }

  async load(id) {
    const { container, services } = await this.azure.getContainer(id, schema, "2");
    const document = this.#document(container, services, false);
    document.id = id;
    return document.isConnected();
  }

  /** The newest versions, the newest first. */
  versions(document, count) { return this.azure.getContainerVersions(document.id, { maxCount: count }); }

  /** The document as it was in a version: a view, that is not connected. */
  async view(id, version) {
    const { container } = await this.azure.viewContainerVersion(id, schema, version, "2");
    return this.#document(container, undefined, false);
  }

  #document(container, services, isNew) {
    const document = new Document(this.user, container, this.seen, parts(container, { isNew }));
    document.services = services;
    container.on("disposed", (error) => { document.closedBecause = error; });
    return document;
  }
}

export const client = (options) => new Client(options);
export const summarizing = (overrides) => ({
  summaryOptions: { summaryConfigOverrides: { ...DefaultSummaryConfiguration, ...overrides } },
});
