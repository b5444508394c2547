/* The quick ways of is_valid, check, Rule.accepts and check_request, and first_foreign, once more in C.

It states no rule and no word of the table: Python gives each function its tables. What is not exactly a str in an exact
dict, and what needs an explanation or an error, is left to Python. So every law about errors is kept in one place.

It uses the limited API of Python 3.11, so one library serves this and every later version. References are counted by
functions of the Python that runs: a later one has immortal objects, which macros of 3.11 would count down to nothing.
Its state is static. Another interpreter of the process is refused, and then uses the functions of Python.

A value is read only if str.isascii says so. Then PyUnicode_AsUTF8AndSize returns the characters that the str itself
holds. Of any other str it would make a copy, and the str would keep it. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#undef Py_NewRef

#include <stdint.h>
#include <string.h>

/* As in _marks.py. */
enum { FIRST = 0x01, FOREIGN = 0x80, BYTES = 256 };

/* The arguments of METH_FASTCALL | METH_KEYWORDS. Of a method, `self` is the object; of a function, it is NULL. */
#define SIGNATURE PyObject *self, PyObject *const *arguments, Py_ssize_t positional, PyObject *keywords
#define ARGUMENTS self, arguments, positional, keywords

/* The functions that are taken over. `otherwise` is what `check` calls if the value of a right question is refused. */
enum { IS_VALID, CHECK, ACCEPTS, CHECK_REQUEST, FIRST_FOREIGN, FUNCTIONS };
static struct {
    PyObject *python, *tables, *default_type, *otherwise;
} taken[FUNCTIONS];

/* The parameters of a question, and the members of a body, first its fields. */
enum { FIELD, VALUE, SIGN_TYPE, SIGN_ALGORITHM, PARAMETERS };
static PyObject *parameters[PARAMETERS];
enum { NAME, KEY, SECRET, TYPE, ALGORITHM, MEMBERS };
static PyObject *members[MEMBERS];

static PyCFunction is_ascii; /* str.isascii */

/* What the function of Python returns for the same arguments. */
static PyObject *ask_python(int function, SIGNATURE)
{
    int before = self != NULL;
    PyObject *result = NULL, *options = NULL, *in_order = PyTuple_New(before + positional);
    if (in_order == NULL)
        return NULL;
    for (Py_ssize_t i = -before; i < positional; i++)
        PyTuple_SetItem(in_order, before + i, Py_NewRef(i < 0 ? self : arguments[i]));
    Py_ssize_t named = keywords == NULL ? 0 : PyTuple_Size(keywords);
    int failed = named > 0 && (options = PyDict_New()) == NULL;
    for (Py_ssize_t i = 0; i < named && !failed; i++)
        failed = PyDict_SetItem(options, PyTuple_GetItem(keywords, i), arguments[positional + i]) < 0;
    if (!failed)
        result = PyObject_Call(taken[function].python, in_order, options);
    Py_DecRef(in_order);
    Py_DecRef(options);
    return result;
}

/* The characters of an exact str that is ASCII, or NULL. */
static inline const unsigned char *characters(PyObject *value, Py_ssize_t *length)
{
    if (!PyUnicode_CheckExact(value))
        return NULL;
    PyObject *answer = is_ascii(value, NULL);
    Py_DecRef(answer);
    return answer == Py_True ? (const unsigned char *)PyUnicode_AsUTF8AndSize(value, length) : NULL;
}

/* As in _marks.py. The value is exactly a str. */
static inline int fits(PyObject *value, PyObject *tables)
{
    Py_ssize_t length, i = 0;
    const unsigned char *text = characters(value, &length);
    PyObject *marking = text == NULL ? NULL : PyTuple_GetItem(tables, length);
    if (marking == NULL) {
        PyErr_Clear(); /* the value is too long */
        return 0;
    }
    const unsigned char *table = (const unsigned char *)PyBytes_AsString(marking);
    unsigned char marks = 0;
    for (; i + 8 <= length; i += 8) { /* eight characters by one read */
        uint64_t eight;
        memcpy(&eight, text + i, 8);
        for (int shift = 0; shift < 64; shift += 8)
            marks |= table[eight >> shift & 0xFF];
    }
    for (; i < length; i++)
        marks |= table[text[i]];
    return marks < FOREIGN && length > 0 && table[text[0]] == FIRST;
}

static PyObject *first_foreign(SIGNATURE)
{
    if (positional != 2 || keywords != NULL || !PyBytes_CheckExact(arguments[1]) || PyBytes_Size(arguments[1]) != BYTES)
        return ask_python(FIRST_FOREIGN, ARGUMENTS);
    Py_ssize_t length, i = 0;
    const unsigned char *text = characters(arguments[0], &length);
    const unsigned char *table = (const unsigned char *)PyBytes_AsString(arguments[1]);
    if (text == NULL)
        return ask_python(FIRST_FOREIGN, ARGUMENTS);
    while (i < length && table[text[i]] != FOREIGN)
        i++;
    return i < length ? PyLong_FromSsize_t(i) : Py_NewRef(Py_None);
}

/* The tables that were looked up of late, by the addresses of three keys: most programs ask with the same few objects.
   The keys are words of ours, or a row thrice. They are kept, so that no other object gets their addresses. */
enum { REMEMBERED = 64 };
typedef PyObject *Remembered[4]; /* the tables, then the keys */

static inline Remembered *place(PyObject *a, PyObject *b, PyObject *c)
{
    static Remembered remembered[REMEMBERED];
    uintptr_t mixed = (uintptr_t)a / 16 + (uintptr_t)b / 16 * 3 + (uintptr_t)c / 16 * 5;
    return &remembered[(mixed ^ mixed / REMEMBERED) % REMEMBERED];
}

static inline PyObject *recalled(Remembered *here, PyObject *a, PyObject *b, PyObject *c)
{
    return (*here)[1] == a && (*here)[2] == b && (*here)[3] == c ? (*here)[0] : NULL;
}

static PyObject *remember(Remembered *here, PyObject *tables, PyObject *a, PyObject *b, PyObject *c)
{
    PyObject *fresh[4] = {tables, a, b, c};
    for (int i = 0; i < 4 && tables != NULL; i++) {
        PyObject *stale = (*here)[i];
        (*here)[i] = Py_NewRef(fresh[i]);
        Py_DecRef(stale);
    }
    return tables;
}

static inline PyObject *tables_of_question(PyObject *tables, PyObject *field, PyObject *type, PyObject *algorithm)
{
    Remembered *here = place(field, type, algorithm);
    PyObject *found = recalled(here, field, type, algorithm);
    /* Only exact words are looked up: no method of a class of the caller's may run here. */
    if (found != NULL || !PyUnicode_CheckExact(field) || !PyUnicode_CheckExact(type)
        || (algorithm != Py_None && !PyUnicode_CheckExact(algorithm)))
        return found;
    found = PyDict_GetItemWithError(tables, algorithm);
    if (found != NULL)
        found = PyDict_GetItemWithError(found, type);
    if (found != NULL)
        found = PyDict_GetItemWithError(found, field);
    return remember(here, found, field, type, algorithm);
}

/* is_valid and check: (field, value, *, sign_type, sign_algorithm). */
static inline PyObject *judged(int function, SIGNATURE)
{
    PyObject *given[PARAMETERS] = {NULL, NULL, taken[function].default_type, Py_None};
    if (positional > 2)
        return ask_python(function, ARGUMENTS);
    for (Py_ssize_t i = 0; i < positional; i++)
        given[i] = arguments[i];
    for (Py_ssize_t i = keywords == NULL ? 0 : PyTuple_Size(keywords); i-- > 0;) {
        PyObject *keyword = PyTuple_GetItem(keywords, i);
        Py_ssize_t parameter = PARAMETERS - 1;
        while (parameter >= positional && keyword != parameters[parameter])
            parameter--;
        if (parameter < positional) /* it is unknown, or given twice */
            return ask_python(function, ARGUMENTS);
        given[parameter] = arguments[positional + i];
    }
    if (given[FIELD] == NULL || given[VALUE] == NULL || !PyUnicode_CheckExact(given[VALUE]))
        return ask_python(function, ARGUMENTS);
    PyObject *found = tables_of_question(taken[function].tables, given[FIELD], given[SIGN_TYPE], given[SIGN_ALGORITHM]);
    if (found == NULL)
        return ask_python(function, ARGUMENTS);
    int fitting = fits(given[VALUE], found);
    if (function == IS_VALID)
        return PyBool_FromLong(fitting);
    return fitting ? PyTuple_New(0)
                   : PyObject_CallFunctionObjArgs(taken[function].otherwise, given[FIELD], given[VALUE],
                                                  given[SIGN_TYPE], given[SIGN_ALGORITHM], NULL);
}

static PyObject *is_valid(SIGNATURE) { return judged(IS_VALID, ARGUMENTS); }
static PyObject *check(SIGNATURE) { return judged(CHECK, ARGUMENTS); }

static PyObject *accepts(SIGNATURE)
{
    if (positional != 1 || keywords != NULL || !PyUnicode_CheckExact(arguments[0]))
        return ask_python(ACCEPTS, ARGUMENTS);
    Remembered *here = place(self, self, self);
    PyObject *tables = recalled(here, self, self, self);
    if (tables == NULL)
        tables = remember(here, PyDict_GetItemWithError(taken[ACCEPTS].tables, self), self, self, self);
    if (tables != NULL)
        return PyBool_FromLong(fits(arguments[0], tables));
    return PyErr_Occurred() ? NULL : ask_python(ACCEPTS, ARGUMENTS);
}

static int member_of(PyObject *word)
{
    for (int i = 0; i < MEMBERS; i++)
        if (word == members[i])
            return i;
    for (int i = 0; i < MEMBERS && PyUnicode_CheckExact(word); i++)
        if (PyUnicode_Compare(word, members[i]) == 0)
            return i;
    return MEMBERS;
}

/* Whether a body is right. No method of a class of the caller's runs here, so the dict stays as it is. */
static int body_fits(PyObject *body)
{
    PyObject *word, *value, *given[MEMBERS] = {NULL};
    Py_ssize_t at = 0;
    if (!PyDict_CheckExact(body))
        return 0;
    while (PyDict_Next(body, &at, &word, &value)) {
        int member = member_of(word);
        if (member == MEMBERS || !PyUnicode_CheckExact(value))
            return 0;
        given[member] = value;
    }
    PyObject *type = given[TYPE] == NULL ? taken[CHECK_REQUEST].default_type : given[TYPE];
    PyObject *of_types = PyTuple_GetItem(taken[CHECK_REQUEST].tables, given[ALGORITHM] != NULL);
    PyObject *tables = PyDict_GetItemWithError(of_types, type);
    if (tables != NULL && given[ALGORITHM] != NULL)
        tables = PyDict_GetItemWithError(tables, given[ALGORITHM]);
    int right = tables != NULL && given[NAME] != NULL;
    for (int field = NAME; field <= SECRET && right; field++)
        right = given[field] == NULL || fits(given[field], PyTuple_GetItem(tables, field));
    return right;
}

static PyObject *check_request(SIGNATURE)
{
    if (positional == 1 && keywords == NULL && body_fits(arguments[0]))
        return PyTuple_New(0);
    return ask_python(CHECK_REQUEST, ARGUMENTS);
}

#define FUNCTION(name) {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL | METH_KEYWORDS, NULL}
static PyMethodDef functions[FUNCTIONS] = {FUNCTION(is_valid), FUNCTION(check), FUNCTION(accepts),
                                           FUNCTION(check_request), FUNCTION(first_foreign)};

/* take_over(name, doc, module, function, tables, default, otherwise): what takes the place of a function of Python; of
   a method, if the default is a class. What an earlier call was given is not freed: it may be in use. */
static PyObject *take_over(PyObject *Py_UNUSED(module), PyObject *all)
{
    const char *name, *doc;
    PyObject *module, *python, *tables, *by_default, *otherwise;
    if (!PyArg_ParseTuple(all, "ssOOOOO", &name, &doc, &module, &python, &tables, &by_default, &otherwise))
        return NULL;
    int i = 0;
    while (strcmp(name, functions[i].ml_name) != 0)
        if (++i == FUNCTIONS)
            return PyErr_Format(PyExc_LookupError, "there is no %s", name);
    for (int member = NAME; member < MEMBERS && i == CHECK_REQUEST; member++)
        members[member] = PyTuple_GetItem(PyTuple_GetItem(tables, 2), member);
    Py_IncRef(all);
    taken[i].python = python;
    taken[i].tables = tables;
    taken[i].default_type = by_default;
    taken[i].otherwise = otherwise;
    functions[i].ml_doc = doc;
    return PyType_Check(by_default) ? PyDescr_NewMethod((PyTypeObject *)by_default, &functions[i])
                                    : PyCFunction_NewEx(&functions[i], NULL, module);
}

static int load(PyObject *Py_UNUSED(module))
{
    static const char *const words[PARAMETERS] = {"field", "value", "sign_type", "sign_algorithm"};
    static int64_t owner = -1;
    int64_t here = PyInterpreterState_GetID(PyInterpreterState_Get());
    PyObject *text = PyUnicode_FromString(""), *method = text ? PyObject_GetAttrString(text, "isascii") : NULL;
    if (method == NULL)
        return -1;
    if ((owner != -1 && owner != here) || PyCFunction_GetFlags(method) != METH_NOARGS) {
        PyErr_SetString(PyExc_ImportError, "it belongs to another interpreter, or does not know this one");
        return -1;
    }
    owner = here;
    is_ascii = PyCFunction_GetFunction(method);
    for (int i = 0; i < PARAMETERS; i++)
        if ((parameters[i] = PyUnicode_InternFromString(words[i])) == NULL)
            return -1;
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, load}, {0, NULL}};
static PyMethodDef methods[] = {{"take_over", take_over, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_speedups", NULL, 0, methods, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__speedups(void)
{
    return PyModuleDef_Init(&definition);
}
