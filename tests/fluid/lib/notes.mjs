// The tree that scenarios edit: a list of notes.

export function notesConfiguration({ SchemaFactory, TreeViewConfiguration }) {
  const schema = new SchemaFactory("levee.tests");
  const Note = schema.object("Note", { by: schema.string, text: schema.string });
  return new TreeViewConfiguration({ schema: schema.array("Notes", Note) });
}
