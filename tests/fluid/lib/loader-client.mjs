// A client made of a loader, the routerlicious driver and an aqueduct data object: how an app is built without AzureClient.
// `packages` is what differs between the generations.
import { Document, watched } from "./document.mjs";
import { tokenProvider } from "./tokens.mjs";

const code = { package: "no-dynamic-package", config: {} };

export class LoaderClient {
  constructor(packages, { server, tenant, key, user = "ann", token, tokens, runtimeOptions = {}, policies = {} }) {
    this.packages = packages;
    this.user = user;
    this.tokens = tokens ?? tokenProvider({ tenant, key }, user, token);
    this.server = server;
    this.tenant = tenant;
    this.runtimeOptions = runtimeOptions;
    this.policies = policies;
  }

  /** A new document with what `fill` puts in before it is attached. */
  async create(fill = () => {}) {
    const seen = this.#watch();
    const container = await this.packages.createDetached(this.#loader(seen), code);
    const document = await this.#document(container, seen);
    fill(document);
    await container.attach({ url: `${this.server}/${this.tenant}/new`, headers: { createNew: true } });
    document.id = container.resolvedUrl.id;
    return document.isConnected();
  }

  /** @param options.version The summary to begin at, instead of the newest one. */
  async load(id, { version } = {}) {
    return (await this.#load(id, version ? { version } : {})).isConnected();
  }

  /** The newest versions, the newest first. */
  versions(document, count) { return document.context.storage.getVersions(null, count); }

  /** The document as it was in a version: a view, that is not connected. */
  view(id, version) { return this.#load(id, { version: version.id, loadMode: { deltaConnection: "none" } }); }

  async #load(id, headers) {
    const seen = this.#watch();
    const container = await this.packages.load(this.#loader(seen), { url: `${this.server}/${this.tenant}/${id}`, headers });
    const document = await this.#document(container, seen);
    document.id = id;
    return document;
  }

  async #document(container, seen) {
    const document = new Document(this.user, container, seen, await this.packages.parts(container, seen.runtime));
    container.on("closed", (error) => { document.closedBecause = error; });
    return document;
  }

  #watch() { return watched(this.packages.runtimeFactory(this.runtimeOptions)); }

  #loader(seen) {
    return {
      urlResolver: { resolve: async ({ url }) => this.#resolved(url), getAbsoluteUrl: async (resolved, relative) => `${resolved.url}/${relative}` },
      documentServiceFactory: new this.packages.RouterliciousDocumentServiceFactory(this.tokens, this.policies),
      codeLoader: { load: async () => ({ module: { fluidExport: seen.factory }, details: code }) },
    };
  }

  #resolved(address) {
    const [, tenant, id] = new URL(address).pathname.split("/");
    return {
      type: "fluid", id, tokens: {}, url: `${this.packages.protocol ?? this.server.replace(/\/$/, "")}/${tenant}/${id}`,
      endpoints: {
        ordererUrl: this.server,
        deltaStorageUrl: `${this.server}/deltas/${tenant}/${id}`,
        storageUrl: `${this.server}/repos/${tenant}`,
      },
    };
  }
}
