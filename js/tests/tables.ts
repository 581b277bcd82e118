/** Rows of tables, made up for the tests. */
import type { Condition, Reading, TableColumn, TableScene, Weight } from "../contract";
import { small } from "./stage";

export const HOSTILE = '<img src=x onerror="alert(1)"> & </script>';

const COLUMNS: readonly TableColumn[] = [
  {
    name: "age",
    kind: "number",
    value: "34",
    at: 34,
    missing: 0,
    whole: true,
    edges: [20, 30, 40, 60],
    counts: [10, 20, 10],
  },
  {
    name: "city",
    kind: "category",
    value: "Lyon",
    missing: 0.1,
    options: [
      ["Ghent", 0.5],
      ["Lyon", 0.3],
    ],
    more: 2,
  },
  { name: "hours", kind: "number", value: "", at: null, missing: 0.05, edges: [1, 99], counts: [9] },
  {
    name: "complaint",
    kind: "text",
    value: "no refund, no",
    pieces: [
      ["no", 3],
      [" ", -1],
      ["refund", 4],
      [", ", -1],
      ["no", 3],
    ],
  },
  {
    name: "since",
    kind: "date",
    value: "2021-03-04",
    at: 1614816000,
    missing: 0,
    edges: [1609459200, 1640995200],
    counts: [9],
  },
  { name: "country", kind: "constant", value: "US" },
];

const FEATURES: readonly Condition[] = [
  { name: "30 < age ≤ 40", column: 0, low: 30, high: 40 },
  { name: "city = Lyon", column: 1 },
  { name: "hours missing", column: 2 },
  { name: "no", column: 3 },
  { name: "refund", column: 3 },
  { name: "since > 2020-12-31", column: 4, low: 1609372800, high: null },
];

const WEIGHTS: readonly Weight[] = [
  [0, 0.2, 0.01],
  [4, -0.1, null],
  [1, 0.05, 0.01],
];

/** A row of six columns: a number, a category, a missing number, a text, a date, a constant. */
export function row(change: Partial<Reading> = {}, scene: Partial<TableScene> = {}) {
  const table: TableScene & { version: 1 } = {
    version: 1,
    kind: "table",
    features: FEATURES,
    classes: ["yes", "no"],
    scale: "probability",
    columns: COLUMNS,
    others: [{ title: "row 17", values: ["55", "Lyon", "40", "all is well", "2020-06-01", "US"] }],
    ...scene,
  };
  const { readings, ...rest } = small();
  const [first] = readings;
  return { ...rest, scene: table, readings: [{ ...first, weights: WEIGHTS, n_features: 3, ...change }] };
}

/** One slope and one category. */
export const slopes = () =>
  row(
    { weights: [[0, 2, 0.5]], intercept: 1 },
    {
      scale: "score",
      classes: ["price"],
      features: [
        { name: "rooms", column: 0, at: 2, mean: 3, per: 0.5 },
        { name: "since", column: 1, at: 1, mean: 0, per: 86400 },
      ],
      columns: [
        { name: "rooms", kind: "number", value: "4", at: 4, missing: 0, edges: [1, 5], counts: [4] },
        {
          name: "since",
          kind: "date",
          value: "1970-01-02",
          at: 86400,
          missing: 0,
          edges: [0, 9],
          counts: [1],
        },
      ],
      others: [],
    },
  );

/** A table of many columns, of which the last ones have weight. */
export function wide(n: number) {
  const columns = Array.from(
    { length: n },
    (_, i): TableColumn => ({
      name: `column ${i}`,
      kind: "number",
      value: `${i}`,
      at: i,
      missing: 0,
      edges: [0, n],
      counts: [n],
    }),
  );
  const features = columns.map(
    ({ name }, column): Condition => ({ name: `${name} ≤ ${n}`, column, low: null, high: n }),
  );
  const weights: Weight[] = [
    [n - 1, 0.3, null],
    [n - 2, 0.2, null],
  ];
  return row({ weights }, { columns, features, others: [] });
}
