// Reads documents of DBML with the parser of dbdiagram.io, and counts what is in them.
const { readFileSync } = require('node:fs');
const { Parser } = require('@dbml/core');

for (const file of process.argv.slice(2)) {
  try {
    const [schema] = new Parser().parse(readFileSync(file, 'utf8'), 'dbmlv2').schemas;
    const columns = schema.tables.reduce((sum, table) => sum + table.fields.length, 0);
    console.log(`${schema.tables.length} tables, ${columns} columns, ${schema.refs.length} references`);
  } catch (fault) {
    console.error(file, JSON.stringify(fault.diags ?? fault.message));
    process.exitCode = 1;
  }
}
