// Generation 2.0.0-internal.3.2.0 of 2023: signals of version 1 only, and connections that begin to write and come back to read. It has no SharedTree.
import aqueduct from "@fluidframework/aqueduct";
import loader from "@fluidframework/container-loader";
import runtime from "@fluidframework/container-runtime";
import maps from "@fluidframework/map";
import driver from "@fluidframework/routerlicious-driver";
import sequence from "@fluidframework/sequence";
import { LoaderClient } from "../lib/loader-client.mjs";

export const has = { notes: false, text: true, targetedSignals: false, connectsTo: "write", reconnectsTo: "read" };

const { ContainerRuntimeFactoryWithDefaultDataStore, DataObject, DataObjectFactory } = aqueduct;
const { SharedMap } = maps;
const { SharedString } = sequence;

class Root extends DataObject {
  async initializingFirstTime() {
    this.root.set("map", SharedMap.create(this.runtime, "map").handle);
    this.root.set("text", SharedString.create(this.runtime, "text").handle);
  }

  async hasInitialized() {
    this.map = await this.root.get("map").get();
    this.text = await this.root.get("text").get();
  }
}

const rootFactory = new DataObjectFactory("root", Root, [SharedMap.getFactory(), SharedString.getFactory()], {});

const packages = {
  // This generation knows documents by the scheme of the protocol, not by that of the web.
  protocol: "fluid://levee",
  RouterliciousDocumentServiceFactory: driver.RouterliciousDocumentServiceFactory,
  createDetached: (properties, codeDetails) => new loader.Loader(properties).createDetachedContainer(codeDetails),
  load: (properties, request) => new loader.Loader(properties).resolve(request),
  runtimeFactory: (runtimeOptions) => new ContainerRuntimeFactoryWithDefaultDataStore(
    rootFactory, [rootFactory.registryEntry], undefined, undefined, runtimeOptions),
  parts: async (container) => {
    const { value } = await container.request({ url: "/" });
    return { map: value.map, text: value.text };
  },
};

export const client = (options) => new LoaderClient(packages, options);
export const summarizing = (overrides) => ({
  summaryOptions: { summaryConfigOverrides: { ...runtime.DefaultSummaryConfiguration, ...overrides } },
});

/** Off unless asked for in this generation. */
export const largePayloads = {
  compressionOptions: { minimumBatchSizeInBytes: 200_000, compressionAlgorithm: "lz4" }, chunkSizeInBytes: 200_000, maxBatchSizeInBytes: 700_000,
};
