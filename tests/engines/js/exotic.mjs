// What the Standard Schemas of the ES module at a path say of values that no JSON parser makes.
const { fieldSchema, requestSchema } = await import(process.argv[2]);

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const secret = () => {
  throw new Error("hunter2");
};
const wrong = [
  null,
  undefined,
  5n,
  NaN,
  Symbol("hunter2"),
  () => "hunter2",
  [],
  revoked.proxy,
  new Proxy({}, { ownKeys: secret }),
  Object.defineProperty({}, "name", { get: secret, enumerable: true }),
];
const empty = [Object.create(null), Object.create({ name: "orders" }), new Date(0), new Map([["name", "orders"]]), /x/];
const unread = [{ name: Symbol("hunter2") }, { name: new Proxy(Object, { get: secret }) }, { name: new String("orders") }];
const right = [{ name: "orders", sign_key: undefined }, Object.assign(Object.create(null), { name: "orders" })];

const { validate } = requestSchema["~standard"];
const question = { sign_type: "basic" };
const ofField = fieldSchema("sign_key", question)["~standard"];
question.sign_type = "hunter2";
console.log(
  JSON.stringify({
    bodies: [wrong, empty, unread].map((bodies) => bodies.map(validate)),
    same: right.map((body) => validate(body).value === body),
    values: [...wrong, ...empty, ...unread, new String("abcd")].map(ofField.validate),
    asked: [ofField.validate("abcd"), ofField.validate("abc")],
  }),
);
