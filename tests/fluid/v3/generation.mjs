// Generation 3.x: there is no AzureClient of it, so a loader with the routerlicious driver. It has no SharedString
// and no presence of its own: `@fluidframework/sequence` and `@fluidframework/presence` are published up to 2.x only.
import { ContainerRuntimeFactoryWithDefaultDataStore, DataObject, DataObjectFactory } from "@fluidframework/aqueduct/legacy";
import { createDetachedContainer, loadExistingContainer } from "@fluidframework/container-loader/legacy";
import { DefaultSummaryConfiguration } from "@fluidframework/container-runtime/internal";
import { SharedMap } from "@fluidframework/map/legacy";
import { RouterliciousDocumentServiceFactory } from "@fluidframework/routerlicious-driver/legacy";
import { SchemaFactory, TreeViewConfiguration } from "@fluidframework/tree";
import { SharedTree } from "@fluidframework/tree/legacy";
import { LoaderClient } from "../lib/loader-client.mjs";
import { notesConfiguration } from "../lib/notes.mjs";

export const has = { notes: true, text: false, targetedSignals: true, connectsTo: "read", reconnectsTo: "read" };

const notes = notesConfiguration({ SchemaFactory, TreeViewConfiguration });

class Root extends DataObject {
  async initializingFirstTime() {
    const map = SharedMap.create(this.runtime, "map");
    const tree = SharedTree.create(this.runtime, "notes");
    this.root.set("map", map.handle);
    this.root.set("notes", tree.handle);
    const view = tree.viewWith(notes);
    view.initialize([]);
    view.dispose();
  }

  async hasInitialized() {
    this.map = await this.root.get("map").get();
    this.notes = (await this.root.get("notes").get()).viewWith(notes);
  }
}

const rootFactory = new DataObjectFactory({
  type: "root", ctor: Root, sharedObjects: [SharedMap.getFactory(), SharedTree.getFactory()],
});

const packages = {
  RouterliciousDocumentServiceFactory,
  createDetached: (loader, codeDetails) => createDetachedContainer({ ...loader, codeDetails }),
  load: (loader, request) => loadExistingContainer({ ...loader, request }),
  runtimeFactory: (runtimeOptions) => new ContainerRuntimeFactoryWithDefaultDataStore({
    defaultFactory: rootFactory,
    registryEntries: [rootFactory.registryEntry],
    runtimeOptions: { enableRuntimeIdCompressor: "on", ...runtimeOptions },
  }),
  parts: async (container) => {
    const { map, notes: view } = await container.getEntryPoint();
    return { map, notes: view };
  },
};

export const client = (options) => new LoaderClient(packages, options);
export const summarizing = (overrides) => ({
  summaryOptions: { summaryConfigOverrides: { ...DefaultSummaryConfiguration, ...overrides } },
});
