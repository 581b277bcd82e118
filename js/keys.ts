/** Keys that belong to the notebook wherever the focus is: Enter with a modifier runs the cell. */
export const runsCell = ({ key, shiftKey, ctrlKey, metaKey }: KeyboardEvent) =>
  key === "Enter" && (shiftKey || ctrlKey || metaKey);
