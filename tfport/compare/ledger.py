"""The ledger: what became of every TF1 construct that the legacy programs use.

For each of them what a Keras program has in its place and what behaves differently, in English and in Korean. Read
beside the code and as a list, on the pages, in the terminal and in notebooks, by people who learn, teach or inherit TF1
code. Names that tutorials of 2016 to 2018 used for the same constructs are spellings of them too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """What became of a TF1 construct.

    Attributes:
        spellings: how sources write it: a dotted name ("tf.placeholder"), a method (".next_batch") or a keyword
            argument ("feed_dict="); the first is its title.
        heir: what a Keras program has in its place, as code; "" where nothing takes its place.
        topic: section of a program where it belongs: "data", "model", "loss and optimizer", "training", "evaluation",
            "figures", "program" or "summaries".
        en: what changes, in English; code stands between backticks.
        ko: the same in Korean.
    """

    spellings: tuple[str, ...]
    heir: str
    topic: str
    en: str
    ko: str


LEDGER: tuple[Entry, ...] = (
    Entry(
        spellings=(
            "input_data.read_data_sets",
            "tensorflow.examples.tutorials.mnist.input_data",
        ),
        heir='data.load("mnist")',
        topic="data",
        en=(
            "Read MNIST into three `DataSet` objects; `data.load` returns three splits of arrays. Images were flat, "
            "(N, 784), unless `reshape=False`; they are (N, 28, 28, 1) now, and float32 from 0 to 1 in both. Both set "
            "the first 5,000 training rows apart for validation; `keras.datasets.mnist.load_data` sets none apart and "
            "leaves bytes from 0 to 255. The reader also reseeded NumPy's global generator, so that an earlier "
            "`np.random.seed` was lost."
        ),
        ko=(
            "MNIST를 읽어 `DataSet` 객체 세 개로 돌려주었고, 이제는 `data.load`가 배열 세 묶음을 돌려줍니다. 이미지는 "
            "`reshape=False`가 아니면 (N, 784)로 펼쳐져 있었지만 이제는 (N, 28, 28, 1)이며, 값은 양쪽 모두 0에서 "
            "1까지의 float32입니다. 양쪽 모두 훈련 데이터의 처음 5,000행을 검증용으로 떼어 놓지만, "
            "`keras.datasets.mnist.load_data`는 떼어 놓지 않고 0에서 255까지의 바이트를 그대로 줍니다. `input_data`는 "
            "NumPy의 전역 난수 생성기 시드도 다시 정했으므로, 그전에 호출한 `np.random.seed`는 효과를 잃었습니다."
        ),
    ),
    Entry(
        spellings=("one_hot=",),
        heir="keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
        topic="data",
        en=(
            "Chose the form of the labels; now the loss function is chosen to fit them. `True` gave float64 rows, (N, "
            "10), the default gave whole numbers, (N,); `data.load` gives int32 numbers, (N,). Whole numbers go with "
            "`SparseCategoricalCrossentropy`, one-hot rows with `CategoricalCrossentropy`. The loss is the same in "
            "either form."
        ),
        ko=(
            "레이블의 형식을 정했으며, 이제는 레이블에 맞는 손실 함수를 고릅니다. `True`이면 float64 행 (N, 10), "
            "기본값이면 정수 (N,)을 주었고, `data.load`는 int32 정수 (N,)을 줍니다. 정수 레이블에는 "
            "`SparseCategoricalCrossentropy`, 원-핫 레이블에는 `CategoricalCrossentropy`를 씁니다. 어느 형식이든 손실 "
            "값은 같습니다."
        ),
    ),
    Entry(
        spellings=("fake_data=",),
        heir='data.load("fake")',
        topic="data",
        en=(
            'Gave constant images and labels for a smoke test; `data.load("fake")` does so now. A TF1 program passed '
            "it to `read_data_sets` and again to every `next_batch`, and the `images` and `labels` of a fake set were "
            "empty lists. Fake digits are arrays like any others now. Every label is 0 in both, so an accuracy on them "
            "means nothing."
        ),
        ko=(
            '동작 확인용으로 값이 일정한 이미지와 레이블을 주었으며, 이제는 `data.load("fake")`가 그 일을 합니다. TF1 '
            "프로그램은 이 인수를 `read_data_sets`에도, `next_batch`를 호출할 때마다에도 넘겨야 했고, 가짜 데이터의 "
            "`images`와 `labels`는 빈 리스트였습니다. 이제는 가짜 데이터도 다른 데이터와 같은 배열입니다. 양쪽 모두 "
            "레이블이 전부 0이므로 정확도에는 의미가 없습니다."
        ),
    ),
    Entry(
        spellings=(
            "mnist.train",
            "mnist.validation",
            "mnist.test",
            "mnist.test.images",
            "mnist.test.labels",
            ".num_examples",
        ),
        heir="digits.train, digits.test",
        topic="data",
        en=(
            "The reader's splits with their `images`, `labels` and `num_examples`; the splits of `data.load` have "
            "`images` and `labels`, and `len` is their size. `mnist.train.images` was reordered at each new epoch; the "
            "arrays now keep the order of the files, and a batch is drawn by row numbers. TF1 programs took "
            "`num_examples // batch_size`, rounded down, for the steps of an epoch; Keras's `fit` on arrays rounds up "
            "and ends an epoch with a smaller batch."
        ),
        ko=(
            "`input_data`가 나눈 데이터와 그 `images`, `labels`, `num_examples`이며, 이제는 `data.load`가 나눈 "
            "데이터에 `images`와 `labels`가 있고 크기는 `len`으로 압니다. `mnist.train.images`는 에포크가 바뀔 때마다 "
            "순서가 바뀌었지만, 이제 배열은 파일의 순서를 지키고 배치는 행 번호로 뽑습니다. TF1 프로그램은 나머지를 "
            "버린 `num_examples // batch_size`를 한 에포크의 스텝 수로 썼지만, 배열을 받은 Keras의 `fit`은 올림하여 "
            "에포크 끝에 더 작은 배치를 둡니다."
        ),
    ),
    Entry(
        spellings=("tf.placeholder",),
        heir="keras.Input((784,))",
        topic="model",
        en=(
            "Left a place in the graph that every run which needed it had to fill; `keras.Input` states the shape of a "
            "model's input. The shape began with the batch, `[None, 784]`; Keras leaves the batch out, `(784,)`. The "
            "type had to be written; Keras takes float32 unless told otherwise. Placeholders for labels and for "
            "`keep_prob` have no heir: `fit` hands labels to the loss, and dropout goes by the `training` argument."
        ),
        ko=(
            "그래프에 빈자리를 만들어 두고 그 값이 필요한 실행마다 채우게 했으며, 이제는 `keras.Input`이 모델 입력의 "
            "형태를 나타냅니다. TF1의 형태는 `[None, 784]`처럼 배치 차원으로 시작했지만, Keras에서는 배치 차원을 빼고 "
            "`(784,)`로 씁니다. 자료형도 적어야 했지만 Keras에서는 따로 적지 않으면 float32입니다. 레이블은 `fit`이 "
            "손실 함수에 넘기고 드롭아웃은 `training` 인수를 따르므로, 레이블과 `keep_prob`의 플레이스홀더는 필요 "
            "없습니다."
        ),
    ),
    Entry(
        spellings=("tf.Variable",),
        heir="layer.kernel, layer.bias",
        topic="model",
        en=(
            "Made a weight by hand, with its shape and initial value; a Keras layer makes its own weights when it "
            "first learns the shape of its input. TF1 had no default for the initial value; a layer starts its kernel "
            "at Glorot uniform and its bias at zero. TF1's `minimize` updated every trainable variable of the graph; "
            "Keras updates those of the compiled model."
        ),
        ko=(
            "가중치를 형태와 초깃값까지 직접 만들었으며, 이제는 Keras의 층이 입력의 형태를 처음 알게 될 때 스스로 "
            "만듭니다. TF1에는 초깃값의 기본값이 없었지만, 층은 따로 정하지 않으면 커널을 Glorot 균등 분포로, 편향을 "
            "0으로 시작합니다. TF1의 `minimize`는 그래프 안의 학습 가능한 변수를 모두 갱신했고, Keras는 컴파일된 "
            "모델의 변수만 갱신합니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.truncated_normal",
            "tf.random_normal",
        ),
        heir="keras.initializers.TruncatedNormal(stddev=1.0)",
        topic="model",
        en=(
            "Drew random initial values; the initializers `TruncatedNormal` and `RandomNormal`, given to a layer, do "
            "so now. The default `stddev` was 1 in TF1 and is 0.05 in Keras. Both truncated forms draw again what lies "
            "more than two standard deviations from the mean. An unseeded initializer object draws the same values "
            "each time it is called, so every weight needs an object of its own."
        ),
        ko=(
            "초깃값을 난수로 뽑았으며, 이제는 층에 넘긴 초기화 객체 `TruncatedNormal`과 `RandomNormal`이 그 일을 "
            "합니다. `stddev`의 기본값은 TF1에서 1이었고 Keras에서는 0.05입니다. 절단 정규분포는 양쪽 모두 평균에서 "
            "표준편차의 두 배 넘게 떨어진 값을 다시 뽑습니다. 시드가 없는 초기화 객체 하나는 호출할 때마다 같은 값을 "
            "주므로, 가중치마다 객체를 새로 만들어야 합니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.zeros",
            "tf.constant",
        ),
        heir='keras.layers.Dense(10, kernel_initializer="zeros", bias_initializer=keras.initializers.Constant(0.1))',
        topic="model",
        en=(
            'Gave variables a fixed initial value; the initializers `"zeros"` and `Constant` do so now. '
            "`tf.constant(0.1, shape=[32])` filled a shape with one value; `Constant(0.1)` takes the shape from the "
            "layer. In Keras biases are zero unless told otherwise, kernels are not. An output layer of zeros sends no "
            "gradient to the layers below it in the first step, in both."
        ),
        ko=(
            '변수의 초깃값을 정해진 값으로 채웠으며, 이제는 초기화 방법 `"zeros"`와 `Constant`가 그 일을 합니다. '
            "`tf.constant(0.1, shape=[32])`는 적어 준 형태를 한 값으로 채웠고, `Constant(0.1)`은 형태를 층에서 "
            "받습니다. Keras에서 편향은 따로 정하지 않으면 0이지만 커널은 그렇지 않습니다. 출력층의 가중치가 0이면 "
            "양쪽 모두 첫 스텝에서 아래층으로 기울기가 전해지지 않습니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.matmul",
            "tf.nn.bias_add",
        ),
        heir="keras.layers.Dense(10)",
        topic="model",
        en=(
            "Multiplied the inputs by a weight matrix and added a bias; `keras.layers.Dense` does both. The kernel has "
            "the same shape, (inputs, units), so weights can be copied as they are. `Dense` has a bias unless "
            "`use_bias=False`. TF1 programs often added the bias with `+`; its gradient sums in another order than "
            "that of `bias_add`, so the last bits may differ."
        ),
        ko=(
            "입력에 가중치 행렬을 곱하고 편향을 더했으며, 이제는 `keras.layers.Dense`가 두 가지를 함께 합니다. 커널의 "
            "형태가 (입력 수, 유닛 수)로 같으므로 가중치를 그대로 옮길 수 있습니다. `Dense`에는 `use_bias=False`가 "
            "아니면 편향이 있습니다. TF1 프로그램은 편향을 흔히 `+`로 더했는데, 그 기울기는 `bias_add`의 기울기와 "
            "더하는 순서가 달라 마지막 비트가 다를 수 있습니다."
        ),
    ),
    Entry(
        spellings=("tf.reshape",),
        heir="keras.layers.Flatten()",
        topic="model",
        en=(
            "Made images of flat rows and rows of feature maps; `data.load` gives images, and `keras.layers.Flatten` "
            "makes the rows. `Flatten` keeps the batch dimension; `tf.reshape` with `-1` computed it from the number "
            "of values, so a wrong size could change the number of rows. The order of the values is the same."
        ),
        ko=(
            "펼쳐진 행을 이미지로, 특성 맵을 행으로 바꾸었으며, 이제는 `data.load`가 이미지를 주고 "
            "`keras.layers.Flatten`이 행으로 폅니다. `Flatten`은 배치 차원을 그대로 둡니다. `-1`을 쓴 `tf.reshape`은 "
            "값의 개수로 배치 차원을 계산했으므로, 크기를 잘못 쓰면 행의 수가 바뀔 수 있었습니다. 값의 순서는 같습니다."
        ),
    ),
    Entry(
        spellings=("tf.nn.conv2d",),
        heir='keras.layers.Conv2D(32, 5, padding="same", activation="relu")',
        topic="model",
        en=(
            "Convolved images with a filter variable; `keras.layers.Conv2D` holds the filters, the bias and the "
            "activation. TF1 asked for strides and padding at every call, the strides for batch, height, width and "
            'channels, and added no bias. Keras defaults to stride 1 and to `padding="valid"`, so `"SAME"` has to be '
            'written as `padding="same"`, and has a bias unless `use_bias=False`. Images are (batch, height, width, '
            "channels) and filters (height, width, in, out) in both."
        ),
        ko=(
            "필터 변수로 이미지의 합성곱을 계산했으며, 이제는 `keras.layers.Conv2D`가 필터와 편향, 활성화 함수를 함께 "
            "가집니다. TF1에서는 호출할 때마다 스트라이드와 패딩을 적었고, 스트라이드는 배치, 높이, 너비, 채널의 네 "
            '값이었으며, 편향은 따로 더했습니다. Keras의 기본값은 스트라이드 1과 `padding="valid"`이므로 `"SAME"`은 '
            '`padding="same"`으로 써야 하고, `use_bias=False`가 아니면 편향이 있습니다. 이미지는 (배치, 높이, 너비, '
            "채널), 필터는 (높이, 너비, 입력, 출력)으로 양쪽이 같습니다."
        ),
    ),
    Entry(
        spellings=("tf.nn.max_pool",),
        heir="keras.layers.MaxPooling2D()",
        topic="model",
        en=(
            "Took the largest value of every window; `keras.layers.MaxPooling2D` does so now. `ksize` and `strides` "
            "had four values, for batch, height, width and channels, and no default; `pool_size` has two and defaults "
            'to (2, 2), and `strides` defaults to `pool_size`. Keras\'s default padding is `"valid"`. On even sizes '
            'such as 28 and 14 that equals `"SAME"`; on an odd size `"SAME"` with windows of 2 gave one row and one '
            "column more."
        ),
        ko=(
            "창마다 가장 큰 값을 골랐으며, 이제는 `keras.layers.MaxPooling2D`가 그 일을 합니다. `ksize`와 `strides`는 "
            "배치, 높이, 너비, 채널의 네 값이고 기본값이 없었지만, `pool_size`는 두 값이고 기본값이 (2, 2)이며 "
            '`strides`의 기본값은 `pool_size`입니다. Keras의 패딩 기본값은 `"valid"`입니다. 크기가 28이나 14처럼 '
            '짝수이면 `"SAME"`과 결과가 같지만, 홀수이면 크기 2인 창에서 `"SAME"`이 행과 열을 하나씩 더 냈습니다.'
        ),
    ),
    Entry(
        spellings=(
            "tf.nn.relu",
            "tf.tanh",
            "tf.nn.tanh",
            "tf.identity",
        ),
        heir='keras.layers.Dense(1024, activation="relu")',
        topic="model",
        en=(
            'Applied an activation function to a tensor; a layer takes it as its `activation`, such as `"relu"` or '
            '`"tanh"`. A layer that is told none is linear, for which the `summaries` program wrote `tf.identity`. The '
            "formulas are the same."
        ),
        ko=(
            '텐서에 활성화 함수를 적용했으며, 이제는 층이 `"relu"`나 `"tanh"` 같은 `activation` 인수로 받습니다. '
            "아무것도 정하지 않은 층은 선형이며, `summaries` 프로그램은 그 자리에 `tf.identity`를 썼습니다. 식은 "
            "같습니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.nn.softmax",
            "tf.sigmoid",
            "tf.nn.sigmoid",
        ),
        heir="training.probabilities(model, images)",
        topic="model",
        en=(
            "Turned logits into probabilities inside the graph; the Keras programs return logits, and "
            "`training.probabilities` computes probabilities where they are shown. The output of a model and its loss "
            "must agree: `from_logits=True` for logits, the default `False` for probabilities. The class with the "
            "largest logit also has the largest probability, so accuracy needs no softmax. The hidden layers of `dnn` "
            'use it as an activation, `activation="softmax"`.'
        ),
        ko=(
            "그래프 안에서 로짓을 확률로 바꾸었으며, 이제 Keras 프로그램은 로짓을 돌려주고 확률은 보여 줄 때 "
            "`training.probabilities`가 계산합니다. 손실 함수의 설정은 모델의 출력에 맞춰, 로짓이면 "
            "`from_logits=True`, 확률이면 기본값 `False`로 둡니다. 로짓이 가장 큰 클래스가 확률도 가장 크므로 "
            '정확도에는 소프트맥스가 필요 없습니다. `dnn`의 은닉층에서는 활성화 함수이며 `activation="softmax"`로 '
            "씁니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.nn.dropout",
            "keep_prob=",
        ),
        heir="keras.layers.Dropout(0.5)",
        topic="model",
        en=(
            "Set units to zero at random and scaled up the rest; `keras.layers.Dropout` does so now. `keep_prob` was "
            "the probability to KEEP a unit, Keras's `rate` is the one to DROP it: 0.9 becomes 0.1. TF1 dropped in "
            "every run by the value that was fed, so an evaluation had to feed 1.0; the layer drops in `fit` and lets "
            "everything through in `predict`, `evaluate` and `model(x)`. A TF1 seed does not give the same masks: "
            "`training.fit` derives them from seed, layer and step."
        ),
        ko=(
            "유닛을 무작위로 0으로 만들고 나머지를 그만큼 키웠으며, 이제는 `keras.layers.Dropout`이 그 일을 합니다. "
            "`keep_prob`은 유닛을 남길 확률이고 Keras의 `rate`는 버릴 확률이므로, 0.9는 0.1이 됩니다. TF1은 실행할 "
            "때마다 넣어 준 값대로 유닛을 버렸으므로 평가할 때는 1.0을 넣어야 했지만, 이 층은 `fit`에서만 버리고 "
            "`predict`와 `evaluate`, `model(x)`에서는 모두 통과시킵니다. TF1과 같은 시드를 써도 같은 마스크가 나오지 "
            "않으며, `training.fit`은 시드와 층과 스텝에서 마스크를 정합니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.float32",
            "tf.int64",
            "tf.uint8",
            "tf.as_dtype",
        ),
        heir='keras.Input((784,), dtype="float32")',
        topic="model",
        en=(
            "Named the types of placeholders, of casts and of the reader's images; Keras takes a string and is seldom "
            "told, since float32 is its default. TF1 converted no tensor by itself: the operands of an operation had "
            "to be of one type. Keras layers cast floating-point inputs to their own type. Labels are int32 in "
            "`data.load`; the reader gave uint8, or float64 where they were one-hot."
        ),
        ko=(
            "플레이스홀더와 형 변환, `input_data`가 주는 이미지의 자료형을 지정했으며, Keras에서는 문자열로 쓰지만 "
            "기본값이 float32이므로 적을 일이 드뭅니다. TF1은 텐서의 자료형을 스스로 바꾸지 않았으므로 한 연산의 "
            "피연산자는 자료형이 같아야 했습니다. Keras의 층은 부동소수점 입력을 자기 자료형으로 바꿉니다. 레이블은 "
            "`data.load`에서 int32이며, `input_data`는 uint8로, 원-핫이면 float64로 주었습니다."
        ),
    ),
    Entry(
        spellings=("tf.log",),
        heir="keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
        topic="loss and optimizer",
        en=(
            "Stood in a cross-entropy written by hand, `-tf.reduce_sum(t * tf.log(p))`; a Keras loss on logits takes "
            "its place. Once a softmax probability underflows to 0, or a sigmoid rounds to 0 or 1, the logarithm of 0 "
            "is minus infinity, the loss becomes NaN, and so do the weights. With `from_logits=True` the loss computes "
            "softmax or sigmoid and the logarithm together, and this does not happen. Where nothing underflows, the "
            "two forms agree up to rounding."
        ),
        ko=(
            "직접 쓴 교차 엔트로피 `-tf.reduce_sum(t * tf.log(p))`에 있었으며, 이제는 로짓을 받는 Keras의 손실 함수가 "
            "그 자리를 대신합니다. 소프트맥스 확률이 언더플로로 0이 되거나 시그모이드가 0이나 1로 반올림되면, 0의 "
            "로그가 음의 무한대이므로 손실이 NaN이 되고 가중치도 NaN이 됩니다. `from_logits=True`이면 손실 함수가 "
            "소프트맥스나 시그모이드를 로그와 함께 계산하므로 이런 일이 생기지 않습니다. 언더플로가 없으면 두 형태는 "
            "반올림 오차 안에서 같습니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.nn.softmax_cross_entropy_with_logits_v2",
            "tf.nn.softmax_cross_entropy_with_logits",
        ),
        heir="keras.losses.CategoricalCrossentropy(from_logits=True)",
        topic="loss and optimizer",
        en=(
            "Computed the cross-entropy of one-hot labels and logits; `CategoricalCrossentropy` does so now, and "
            "`SparseCategoricalCrossentropy` for labels that are whole numbers, as in the Keras programs. TF1 returned "
            "one value for each image, and the program took their sum or mean; a Keras loss takes the mean unless told "
            '`reduction="sum"`. Keras expects probabilities unless told `from_logits=True`. The older function, '
            "without `_v2`, sent no gradient into the labels; where labels are data, both are equal."
        ),
        ko=(
            "원-핫 레이블과 로짓으로 교차 엔트로피를 계산했으며, 이제는 `CategoricalCrossentropy`가, Keras "
            "프로그램들처럼 레이블이 정수이면 `SparseCategoricalCrossentropy`가 그 일을 합니다. TF1은 이미지마다 값을 "
            '하나씩 돌려주고 합이나 평균은 프로그램이 구했지만, Keras의 손실 함수는 `reduction="sum"`이라고 하지 '
            "않으면 평균을 냅니다. Keras는 `from_logits=True`라고 하지 않으면 확률을 받는 것으로 봅니다. `_v2`가 없는 "
            "옛 함수는 레이블 쪽으로 기울기를 보내지 않았는데, 레이블이 데이터이면 둘은 같습니다."
        ),
    ),
    Entry(
        spellings=("tf.nn.sparse_softmax_cross_entropy_with_logits",),
        heir="keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
        topic="loss and optimizer",
        en=(
            "Computed the cross-entropy of whole-number labels and logits, one value for each image; "
            "`SparseCategoricalCrossentropy` does so now and returns their mean. The `tf.reduce_mean` around it is not "
            "written any more. Labels are (batch,) in both. Keras expects probabilities unless told `from_logits=True`."
        ),
        ko=(
            "정수 레이블과 로짓으로 교차 엔트로피를 이미지마다 하나씩 계산했으며, 이제는 "
            "`SparseCategoricalCrossentropy`가 계산하여 평균을 돌려줍니다. 그래서 바깥의 `tf.reduce_mean`은 더 쓰지 "
            "않습니다. 레이블의 형태는 양쪽 모두 (배치,)입니다. Keras는 `from_logits=True`라고 하지 않으면 확률을 받는 "
            "것으로 봅니다."
        ),
    ),
    Entry(
        spellings=("tf.nn.sigmoid_cross_entropy_with_logits",),
        heir='keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum")',
        topic="loss and optimizer",
        en=(
            "Computed the cross-entropy of labels 0 or 1 and logits, one value for each output; `BinaryCrossentropy` "
            "does so now. Keras first averages over the last axis, the outputs of one example, and then reduces over "
            'the batch, to the mean unless told `reduction="sum"`. With one output, as in these programs, the first '
            "average changes nothing. Keras expects probabilities unless told `from_logits=True`."
        ),
        ko=(
            "0 또는 1인 레이블과 로짓으로 교차 엔트로피를 출력마다 하나씩 계산했으며, 이제는 `BinaryCrossentropy`가 그 "
            "일을 합니다. Keras는 먼저 마지막 축, 곧 한 샘플의 출력들에 대해 평균을 내고, 이어서 배치에 대해 "
            '`reduction="sum"`이라고 하지 않으면 다시 평균을 냅니다. 이 프로그램들처럼 출력이 하나이면 앞의 평균은 '
            "값을 바꾸지 않습니다. Keras는 `from_logits=True`라고 하지 않으면 확률을 받는 것으로 봅니다."
        ),
    ),
    Entry(
        spellings=("tf.square",),
        heir='keras.losses.MeanSquaredError(reduction="sum")',
        topic="loss and optimizer",
        en=(
            'Squared the errors whose sum `temperature` minimises; `MeanSquaredError(reduction="sum")` does so now. '
            "Keras averages over the last axis in any case, which here holds one value, and over the batch unless told "
            "to sum. With the mean of the twelve months gradient descent would move a twelfth as far; Adam would take "
            "nearly the same path. In `summaries` it is part of a standard deviation, which `callbacks.Weights` writes."
        ),
        ko=(
            '오차를 제곱했고 `temperature`는 그 합을 최소화했으며, 이제는 `MeanSquaredError(reduction="sum")`이 그 '
            "일을 합니다. Keras는 마지막 축에 대해 언제나 평균을 내는데 여기서는 값이 하나이며, 배치에 대해서는 "
            "합하라고 하지 않으면 평균을 냅니다. 열두 달의 평균을 쓰면 경사 하강법은 12분의 1만큼 움직이고, Adam은 "
            "거의 같은 경로를 지납니다. `summaries`에서는 표준편차의 일부이며, `callbacks.Weights`가 기록합니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.reduce_sum",
            "tf.reduce_mean",
        ),
        heir='keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")',
        topic="loss and optimizer",
        en=(
            "Made one number of the losses of a batch; the `reduction` of a Keras loss does so now. Keras takes the "
            'mean unless told `reduction="sum"`; seven of the tutorials sum. The gradient of a sum over 50 images is '
            "50 times that of the mean: with gradient descent the learning rate has to change with it, while Adam "
            "hardly notices. Keras's `evaluate` averages the sums of batches, which depends on the batch size; "
            "`training.evaluate` sums over the whole set."
        ),
        ko=(
            "배치의 손실들을 하나의 수로 모았으며, 이제는 Keras 손실 함수의 `reduction`이 그 일을 합니다. Keras는 "
            '`reduction="sum"`이라고 하지 않으면 평균을 내는데, 튜토리얼 가운데 일곱은 합을 씁니다. 이미지 50장에 대한 '
            "합의 기울기는 평균의 50배이므로 경사 하강법에서는 학습률도 함께 바꿔야 하고, Adam은 거의 영향을 받지 "
            "않습니다. Keras의 `evaluate`는 배치별 합의 평균을 내므로 결과가 배치 크기에 따라 달라지고, "
            "`training.evaluate`는 데이터 전체에 대해 더합니다."
        ),
    ),
    Entry(
        spellings=("tf.train.AdamOptimizer",),
        heir="training.Adam(0.001)",
        topic="loss and optimizer",
        en=(
            "Updated weights by Adam; `training.Adam` calls the same kernel, and `keras.optimizers.Adam` has the same "
            "formula in other operations. `epsilon` defaults to 1e-8 in TF1 and to 1e-7 in Keras, so it has to be set. "
            "Both add it to the root of v, outside the bias correction (the ε̂ of Kingma and Ba), so 1e-8 means the "
            "same in both. The learning rate defaults to 0.001 in both."
        ),
        ko=(
            "Adam으로 가중치를 갱신했으며, 이제는 `training.Adam`이 같은 커널을 부르고 `keras.optimizers.Adam`은 같은 "
            "식을 다른 연산들로 계산합니다. `epsilon`의 기본값은 TF1에서 1e-8, Keras에서 1e-7이므로 따로 정해야 "
            "합니다. 양쪽 모두 편향 보정 밖에서 v의 제곱근에 더하므로(Kingma와 Ba의 ε̂) 1e-8의 뜻은 같습니다. 학습률의 "
            "기본값은 양쪽 모두 0.001입니다."
        ),
    ),
    Entry(
        spellings=("tf.train.GradientDescentOptimizer",),
        heir="keras.optimizers.SGD(0.001)",
        topic="loss and optimizer",
        en=(
            "Updated weights by plain gradient descent; `keras.optimizers.SGD`, which has no momentum by default, does "
            "so now. TF1 demanded a learning rate; Keras defaults to 0.01. A step is the learning rate times the "
            "gradient of the loss, so its length depends on the reduction: 0.001 with a sum over 65 points is 0.065 "
            "with the mean."
        ),
        ko=(
            "순수한 경사 하강법으로 가중치를 갱신했으며, 이제는 모멘텀의 기본값이 0인 `keras.optimizers.SGD`가 그 일을 "
            "합니다. TF1에서는 학습률을 꼭 적어야 했고 Keras의 기본값은 0.01입니다. 한 스텝은 학습률에 손실의 기울기를 "
            "곱한 것이므로 그 크기는 합인지 평균인지에 따라 다릅니다. 점 65개에 대한 합에서 0.001인 학습률은 "
            "평균에서는 0.065에 해당합니다."
        ),
    ),
    Entry(
        spellings=(".minimize",),
        heir="model.compile(optimizer=optimizer, loss=loss)",
        topic="loss and optimizer",
        en=(
            "Added the gradients and the update to the graph and returned an operation; `compile` stores optimizer and "
            "loss, and `fit` makes the updates. Nothing changed until the operation was run, and each run was one "
            "update. It updated all trainable variables of the graph unless `var_list` named some; in Keras a layer is "
            "left out by `trainable=False`. Keras counts the updates in `optimizer.iterations`, TF1 only where "
            "`global_step` was given."
        ),
        ko=(
            "기울기와 갱신을 그래프에 더하고 연산 하나를 돌려주었으며, 이제는 `compile`이 옵티마이저와 손실 함수를 "
            "받아 두고 `fit`이 갱신합니다. 그 연산을 실행하기 전에는 아무것도 바뀌지 않았고, 한 번 실행하면 한 번 "
            "갱신되었습니다. `var_list`를 주지 않으면 그래프의 학습 가능한 변수를 모두 갱신했으며, Keras에서 어떤 층을 "
            "빼려면 `trainable=False`로 둡니다. Keras는 갱신 횟수를 `optimizer.iterations`로 세고, TF1은 "
            "`global_step`을 준 경우에만 세었습니다."
        ),
    ),
    Entry(
        spellings=(
            "gate_gradients=",
            "tf.train.Optimizer.GATE_OP",
            "tf.train.Optimizer.GATE_NONE",
            "tf.train.Optimizer.GATE_GRAPH",
        ),
        heir="",
        topic="loss and optimizer",
        en=(
            "Said how long gradients wait for one another: with `GATE_OP`, the default of `minimize`, until all of one "
            "operation are computed. Nothing takes its place, for Keras has no such gates; `GATE_NONE` comes closest. "
            "The mathematics is the same. With oneDNN and several threads the gradient of a convolution's bias is "
            "summed in another order under gates; without them `small_cnn` and `cnn --loss stable` agree with Keras to "
            "the bit, step by step."
        ),
        ko=(
            "기울기들이 서로를 얼마나 기다릴지 정했으며, `minimize`의 기본값 `GATE_OP`에서는 한 연산의 기울기가 모두 "
            "계산될 때까지 기다렸습니다. Keras에는 이런 게이트가 없으므로 대신하는 것이 없고, `GATE_NONE`이 가장 "
            "가깝습니다. 수학적으로는 같습니다. oneDNN과 여러 스레드를 쓰면 게이트가 있을 때 합성곱 편향의 기울기를 "
            "더하는 순서가 달라지며, 게이트가 없으면 `small_cnn`과 `cnn --loss stable`은 스텝마다 Keras와 비트까지 "
            "같습니다."
        ),
    ),
    Entry(
        spellings=(
            ".run",
            ".eval",
        ),
        heir="training.fit(model, digits, config)",
        topic="training",
        en=(
            "Computed the tensors and operations that were asked for, and whatever they need, once for each call; "
            "`fit` takes the training steps now, and `model(x, training=False)` computes outputs. A tensor of TF1 had "
            "no value until it was run. Each call computed everything anew, so what belongs together, such as a loss "
            "and its update, was asked for in one call. TF1 programs and Keras's `fit` come back to Python after every "
            "step; `training.fit` takes many steps in one call."
        ),
        ko=(
            "요청한 텐서와 연산을, 거기에 필요한 것까지 호출할 때마다 한 번 계산했으며, 이제 훈련 스텝은 `fit`이 "
            "진행하고 출력은 `model(x, training=False)`가 계산합니다. TF1의 텐서는 실행하기 전에는 값이 없었습니다. "
            "호출할 때마다 모두 새로 계산했으므로, 손실과 그 갱신처럼 함께 구해야 하는 것은 한 번의 호출로 "
            "요청했습니다. TF1 프로그램과 Keras의 `fit`은 스텝마다 Python으로 돌아오지만, `training.fit`은 여러 스텝을 "
            "한 번의 호출로 처리합니다."
        ),
    ),
    Entry(
        spellings=("feed_dict=",),
        heir="model.fit(images, labels)",
        topic="training",
        en=(
            "Gave placeholders their values for one run; arrays are now arguments of `fit` or of the model. Any tensor "
            "of the graph could be fed, not placeholders alone; a model takes its inputs only. A forgotten placeholder "
            "was an error when the graph ran. The batch came from Python at every step; `training.fit` has the "
            "training data in memory once and gathers batches from it."
        ),
        ko=(
            "한 번의 실행에 쓸 플레이스홀더의 값을 주었으며, 이제는 배열을 `fit`이나 모델의 인수로 넘깁니다. "
            "플레이스홀더뿐 아니라 그래프의 어떤 텐서에도 값을 줄 수 있었지만, 모델은 정해진 입력만 받습니다. 빠뜨린 "
            "플레이스홀더는 그래프를 실행할 때 오류가 되었습니다. 배치는 스텝마다 Python에서 넘어왔지만, "
            "`training.fit`은 훈련 데이터를 한 번 메모리에 두고 거기서 배치를 모읍니다."
        ),
    ),
    Entry(
        spellings=(".next_batch",),
        heir="data.batch_indices(55_000, 50, seed, 0, 4000)",
        topic="training",
        en=(
            "Returned the next examples of a split; `training.fit` draws batches by the same rule, with "
            "`data.batch_indices`. The set was shuffled before the first batch and at each new epoch, and a batch at "
            "the end of an epoch was filled from the next, so every batch was full. Keras's `fit` on arrays shuffles "
            "too, but ends an epoch with a smaller batch, and its default `batch_size` is 32. Which rows a batch holds "
            "follows now from seed and step alone; the same seed gives another order than in TF1."
        ),
        ko=(
            "데이터에서 다음 샘플들을 돌려주었으며, 이제는 `training.fit`이 `data.batch_indices`로 같은 규칙에 따라 "
            "배치를 뽑습니다. 첫 배치 전과 에포크가 바뀔 때마다 데이터를 섞었고, 에포크 끝의 배치는 다음 에포크에서 "
            "채웠으므로 모든 배치의 크기가 같았습니다. 배열을 받은 Keras의 `fit`도 섞기는 하지만 에포크를 더 작은 "
            "배치로 끝내며, `batch_size`의 기본값은 32입니다. 이제 배치에 들어갈 행은 시드와 스텝만으로 정해지고, 같은 "
            "시드라도 순서는 TF1과 다릅니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.equal",
            "tf.argmax",
            "tf.cast",
        ),
        heir='model.compile(metrics=["accuracy"])',
        topic="evaluation",
        en=(
            'Compared predicted and true classes, of which the program took the mean; the metric `"accuracy"` and, '
            'over a whole test set, `training.evaluate` do so now. `"accuracy"` chooses its form by the shapes of '
            "labels and outputs; for a single output it compares with 0.5, which is wrong for logits, so "
            "`BinaryAccuracy(threshold=0.0)` is named there. In training Keras shows the mean since the epoch began, "
            "of values from before each update; a TF1 program computed the accuracy where it asked for it."
        ),
        ko=(
            '예측한 클래스와 정답을 비교했고 프로그램이 그 평균을 구했으며, 이제는 지표 `"accuracy"`가, 테스트 데이터 '
            '전체에 대해서는 `training.evaluate`가 그 일을 합니다. `"accuracy"`는 레이블과 출력의 형태를 보고 방식을 '
            "고르는데, 출력이 하나이면 0.5와 비교하므로 로짓에는 맞지 않고, 그때는 `BinaryAccuracy(threshold=0.0)`을 "
            "씁니다. 훈련 중에 Keras가 보여 주는 값은 에포크 시작부터의 평균이고 갱신 전의 값이며, TF1 프로그램은 "
            "요청한 시점의 정확도를 계산했습니다."
        ),
    ),
    Entry(
        spellings=("tf.sign",),
        heir='keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)',
        topic="evaluation",
        en=(
            "Told on which side of one half prediction and label lie, and equal signs were right; `BinaryAccuracy` "
            "does so now. A probability of exactly one half has the sign 0 and was wrong for either class, so zero "
            "weights scored 0; Keras counts it as class 0. The default threshold of 0.5 is for probabilities; for "
            "logits it has to be 0.0."
        ),
        ko=(
            "예측과 레이블이 0.5의 어느 쪽에 있는지 알려 주어 부호가 같으면 맞은 것으로 보았으며, 이제는 "
            "`BinaryAccuracy`가 그 일을 합니다. 확률이 정확히 0.5이면 부호가 0이어서 어느 클래스로도 틀린 것이 "
            "되었으므로 가중치가 0이면 정확도가 0이었지만, Keras는 클래스 0으로 셉니다. 기본 임곗값 0.5는 확률에 쓰는 "
            "값이고, 로짓에서는 0.0으로 정해야 합니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.summary.scalar",
            "tf.scalar_summary",
        ),
        heir="callbacks.Scalars(log_dir, every=10)",
        topic="summaries",
        en=(
            "Added an operation that packs a number for TensorBoard; `callbacks.Scalars` writes loss and metrics, and "
            "`callbacks.KeepProbability` what dropout keeps. The operation wrote nothing by itself: the program ran it "
            "and gave the result to a writer. The tag was the name of the operation with its scopes, with `_1` added "
            "where the name was taken (`accuracy_1`); the callbacks write `loss` and `accuracy`, and `tags=` renames "
            "them. `tf.scalar_summary` is the name before TensorFlow 1.0, when the tag was any string."
        ),
        ko=(
            "TensorBoard에 보낼 수를 묶는 연산을 그래프에 더했으며, 이제는 `callbacks.Scalars`가 손실과 지표를, "
            "`callbacks.KeepProbability`가 드롭아웃이 남기는 비율을 기록합니다. 그 연산은 스스로 기록하지 않았고, "
            "프로그램이 실행하여 결과를 라이터에 넘겼습니다. 태그는 스코프가 붙은 연산 이름이었고 이미 있는 이름이면 "
            "`accuracy_1`처럼 `_1`이 붙었지만, 콜백은 `loss`와 `accuracy`로 쓰며 `tags=`로 바꿀 수 있습니다. "
            "`tf.scalar_summary`는 TensorFlow 1.0 이전의 이름이며, 그때는 태그가 아무 문자열이나 될 수 있었습니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.summary.histogram",
            "tf.histogram_summary",
        ),
        heir="callbacks.Weights(log_dir), callbacks.Activations(log_dir)",
        topic="summaries",
        en=(
            "Packed the distribution of a tensor for TensorBoard; `callbacks.Weights`, `callbacks.Activations` and "
            "`callbacks.Gradients` write those of a model. TF1's buckets grow exponentially and are finest near zero, "
            "and these callbacks keep them; TensorFlow 2's `tf.summary.histogram` has thirty equal ones. In TF1 and in "
            "these callbacks a value that is not finite is an error."
        ),
        ko=(
            "TensorBoard에 보낼 텐서의 분포를 묶었으며, 이제는 `callbacks.Weights`와 `callbacks.Activations`, "
            "`callbacks.Gradients`가 모델의 분포를 기록합니다. TF1의 구간은 지수적으로 커지고 0 근처에서 가장 촘촘하며 "
            "이 콜백들도 그대로 따르지만, TensorFlow 2의 `tf.summary.histogram`은 같은 너비의 구간 30개를 씁니다. "
            "TF1에서도 이 콜백들에서도 유한하지 않은 값이 있으면 오류가 납니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.summary.image",
            "tf.image_summary",
        ),
        heir="callbacks.Images(log_dir)",
        topic="summaries",
        en=(
            "Packed images of a batch for TensorBoard; `callbacks.Images` writes the first ten of the model's input. "
            "TF1 took three unless `max_outputs` said otherwise. The images are (batch, height, width, channels) with "
            "1, 3 or 4 channels, so TF1 programs reshaped flat rows first. Tags end with `image/0`, `image/1` and so "
            "on in both."
        ),
        ko=(
            "TensorBoard에 보낼 배치의 이미지를 묶었으며, 이제는 `callbacks.Images`가 모델 입력의 처음 열 장을 "
            "기록합니다. TF1에서는 `max_outputs`를 정하지 않으면 세 장이었습니다. 이미지의 형태는 (배치, 높이, 너비, "
            "채널)이고 채널은 1, 3, 4 가운데 하나여야 하므로, TF1 프로그램은 펼쳐진 행의 형태를 먼저 바꾸었습니다. "
            "태그는 양쪽 모두 `image/0`, `image/1`처럼 끝납니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.reduce_max",
            "tf.reduce_min",
            "tf.sqrt",
        ),
        heir="callbacks.Weights(log_dir)",
        topic="summaries",
        en=(
            "Computed the extremes and the standard deviation of a variable for its summaries; `callbacks.Weights` "
            "writes mean, `stddev`, `max`, `min` and a histogram of every trainable weight. The values are those "
            "before the update of the step. Tags are `LAYER/WEIGHT/mean` and so on. The variance is divided by the "
            "number of values, not by one less, in both."
        ),
        ko=(
            "변수의 최댓값과 최솟값, 표준편차를 계산해 요약에 썼으며, 이제는 `callbacks.Weights`가 학습 가능한 모든 "
            "가중치의 평균과 `stddev`, `max`, `min`, 히스토그램을 기록합니다. 값은 그 스텝의 갱신 전 값입니다. 태그는 "
            "`LAYER/WEIGHT/mean` 같은 꼴입니다. 분산은 양쪽 모두 값의 개수로 나누며, 개수보다 하나 적은 수로 나누지 "
            "않습니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.summary.merge_all",
            "tf.merge_all_summaries",
        ),
        heir="callbacks.mnist_with_summaries(log_dir, images, labels)",
        topic="summaries",
        en=(
            "Joined all summary operations of the graph into one, which the program ran along with the update; `fit` "
            "takes a list of callbacks instead. It returned `None` where the graph had none. A TF1 program chose the "
            "steps by running it or not; a callback has `every`. `callbacks.mnist_with_summaries` is that tutorial's "
            "whole set, under its tags and step numbers."
        ),
        ko=(
            "그래프의 요약 연산을 모두 하나로 모았고 프로그램이 갱신과 함께 실행했으며, 이제는 그 대신 `fit`에 콜백의 "
            "리스트를 줍니다. 그래프에 요약이 없으면 `None`을 돌려주었습니다. TF1 프로그램은 이것을 실행하느냐 "
            "마느냐로 기록할 스텝을 골랐고, 콜백에는 `every`가 있습니다. `callbacks.mnist_with_summaries`는 그 "
            "튜토리얼의 요약 전체를 같은 태그와 스텝 번호로 기록합니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.summary.FileWriter",
            "tf.train.SummaryWriter",
        ),
        heir="callbacks.Graph(log_dir)",
        topic="summaries",
        en=(
            "Opened an event file in a folder and wrote the graph it was given; each callback takes the folder of the "
            "run and writes to `train/` and `test/` in it, and `callbacks.Graph` writes the graph. TF1's was the graph "
            "of the whole program; `callbacks.Graph` writes the operations of a training step and, as a second graph, "
            "the layers. The `summaries` tutorial emptied its folder first; the callbacks leave event files that are "
            "there alone."
        ),
        ko=(
            "폴더에 이벤트 파일을 열고 받은 그래프를 기록했으며, 이제는 콜백마다 실행 폴더를 받아 그 안의 `train/`과 "
            "`test/`에 쓰고 그래프는 `callbacks.Graph`가 기록합니다. TF1의 그래프는 프로그램 전체의 그래프였고, "
            "`callbacks.Graph`는 훈련 스텝의 연산들과, 두 번째 그래프로 층들을 기록합니다. `summaries` 튜토리얼은 "
            "폴더를 먼저 비웠지만, 콜백은 이미 있는 이벤트 파일을 건드리지 않습니다."
        ),
    ),
    Entry(
        spellings=(
            ".add_summary",
            "tf.Summary",
            "tf.Summary.Value",
        ),
        heir='tf.summary.scalar("loss", loss, step=step)',
        topic="summaries",
        en=(
            "Wrote a summary that a run returned, or one built by hand as `tf.Summary`, under a step number; callbacks "
            "do so now, and `tf.summary.scalar` for a number of one's own. The latter writes only while a writer is "
            "the default, inside `with writer.as_default():`. TF1 took any step number; the callbacks number updates, "
            "and `numbering=` changes that. In `summaries` every tenth step was an evaluation, so its 1,000 steps are "
            "900 updates."
        ),
        ko=(
            "실행이 돌려준 요약이나 `tf.Summary`로 직접 만든 요약을 스텝 번호와 함께 기록했으며, 이제는 콜백이, 따로 "
            "쓰고 싶은 수는 `tf.summary.scalar`가 기록합니다. `tf.summary.scalar`는 `with writer.as_default():` "
            "안에서처럼 기본 라이터가 있을 때만 씁니다. TF1에서는 스텝 번호가 무엇이든 되었고, 콜백은 갱신 횟수로 "
            "번호를 매기며 `numbering=`으로 바꿀 수 있습니다. `summaries`에서는 열 스텝마다 하나가 평가였으므로 "
            "1,000스텝은 갱신 900번에 해당합니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.RunOptions",
            "tf.RunOptions.FULL_TRACE",
            "tf.RunMetadata",
            ".add_run_metadata",
            "run_metadata=",
        ),
        heir="callbacks.Profile(log_dir, steps=[99, 199])",
        topic="summaries",
        en=(
            "Had one `sess.run` measure its operations, which the writer then stored; `callbacks.Profile` traces the "
            "steps it is given. The times appear in TensorBoard's Graphs dashboard under a tag such as `step099` in "
            "both. TensorFlow 2 stores them as a summary. The profiler's whole trace is written too, for the package "
            "`tensorboard-plugin-profile`."
        ),
        ko=(
            "`sess.run` 한 번의 연산들을 측정하게 했고 라이터가 그 결과를 저장했으며, 이제는 `callbacks.Profile`이 "
            "정해 준 스텝을 추적합니다. 시간은 양쪽 모두 TensorBoard의 Graphs 대시보드에 `step099` 같은 태그로 "
            "나타납니다. TensorFlow 2는 이것을 요약으로 저장합니다. 프로파일러의 추적 기록 전체도 "
            "`tensorboard-plugin-profile` 패키지용으로 함께 저장됩니다."
        ),
    ),
    Entry(
        spellings=("tf.name_scope",),
        heir='keras.layers.Dense(500, name="layer1")',
        topic="summaries",
        en=(
            "Put a prefix before the names of operations, and so before nodes and tags in TensorBoard; the `name` of a "
            "layer does so now. TF1 added `_1` to a name that was taken; a Keras model refuses two layers of one name. "
            "The callbacks name tags after layer and weight, `layer1/kernel/mean`; `callbacks.mnist_with_summaries` "
            "writes the tutorial's own."
        ),
        ko=(
            "연산 이름 앞에, 따라서 TensorBoard의 노드와 태그 앞에도 접두사를 붙였으며, 이제는 층의 `name`이 그 일을 "
            "합니다. TF1은 이미 있는 이름에 `_1`을 붙였지만, Keras 모델은 이름이 같은 층 두 개를 받지 않습니다. 콜백은 "
            "`layer1/kernel/mean`처럼 층과 가중치의 이름으로 태그를 짓고, `callbacks.mnist_with_summaries`는 "
            "튜토리얼의 태그를 그대로 씁니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.Graph",
            "tf.get_default_graph",
        ),
        heir="keras.Model(inputs, outputs)",
        topic="program",
        en=(
            "Held the operations that a program described before anything ran; a `keras.Model` holds layers, and `fit` "
            "makes the graph of a training step by itself. A line of TF1 only added to the default graph; a line of "
            "TensorFlow 2 computes its value at once. In a notebook, running a cell again added its operations a "
            "second time."
        ),
        ko=(
            "아무것도 실행하기 전에 프로그램이 적어 둔 연산들을 담았으며, 이제는 `keras.Model`이 층을 담고 훈련 스텝의 "
            "그래프는 `fit`이 알아서 만듭니다. TF1의 코드 한 줄은 기본 그래프에 연산을 더할 뿐이었지만, TensorFlow 2의 "
            "코드 한 줄은 곧바로 값을 계산합니다. 노트북에서 셀을 다시 실행하면 같은 연산이 한 번 더 더해졌습니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.Session",
            "tf.InteractiveSession",
        ),
        heir="",
        topic="program",
        en=(
            "Ran a graph and held the values of its variables; nothing takes its place, for a Keras model holds its "
            "weights itself. The values were gone with the session unless a `Saver` had saved them; weights live as "
            "long as their model. `tf.InteractiveSession` made itself the default session, so that `.eval()` and "
            "`.run()` needed none."
        ),
        ko=(
            "그래프를 실행하고 변수의 값을 담았으며, Keras에서는 모델이 가중치를 직접 가지므로 대신하는 것이 없습니다. "
            "`Saver`로 저장하지 않으면 변수의 값은 세션과 함께 사라졌지만, 가중치는 모델이 있는 동안 남습니다. "
            "`tf.InteractiveSession`은 자신을 기본 세션으로 만들어 `.eval()`과 `.run()`에 세션을 주지 않아도 되게 "
            "했습니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.global_variables_initializer",
            "tf.initialize_all_variables",
        ),
        heir="",
        topic="program",
        en=(
            "Gave all variables their initial values when it was run; nothing takes its place, for Keras initializes "
            "weights as it makes them. Without it the first use of a variable was an error. It covered only the "
            "variables that existed when it was made, so it stood after the optimizer, whose own variables it had to "
            "cover. Running it again started anew; in Keras one builds a new model."
        ),
        ko=(
            "실행하면 모든 변수에 초깃값을 넣었으며, Keras는 가중치를 만들 때 초기화하므로 대신하는 것이 없습니다. "
            "실행하지 않으면 변수를 처음 쓸 때 오류가 났습니다. 이 연산을 만들 때 이미 있던 변수만 포함되었으므로, "
            "옵티마이저의 변수까지 포함하도록 옵티마이저 뒤에 두었습니다. 다시 실행하면 처음부터 시작할 수 있었고, "
            "Keras에서는 모델을 새로 만듭니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.set_random_seed",
            "tf.get_seed",
        ),
        heir="keras.utils.set_random_seed(20180312)",
        topic="program",
        en=(
            "Seeded the default graph; `keras.utils.set_random_seed` seeds Python, NumPy and TensorFlow. Each random "
            "operation combined the graph's seed with one of its own, which by default followed from what had been "
            "added before, so one more operation could change all later draws. It had to be called before the "
            "operations were made. The same number gives other weights in Keras; to compare the two, copy the weights."
        ),
        ko=(
            "기본 그래프의 시드를 정했으며, 이제는 `keras.utils.set_random_seed`가 Python과 NumPy, TensorFlow의 시드를 "
            "정합니다. 난수 연산마다 그래프의 시드와 자기 시드를 함께 썼는데, 자기 시드의 기본값은 앞서 더해진 "
            "것들에서 정해지므로 연산이 하나 늘면 그 뒤의 난수가 모두 달라질 수 있었습니다. 연산을 만들기 전에 "
            "호출해야 했습니다. 같은 수를 써도 Keras에서는 다른 가중치가 나오므로, 둘을 비교하려면 가중치를 복사합니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.app.run",
            "tf.app.flags",
            "tf.flags",
        ),
        heir="argparse.ArgumentParser()",
        topic="program",
        en=(
            "Declared the flags of a program, parsed them and called `main`; `argparse` and a plain call of `main` do "
            "so now. `tf.app.run` let flags pass that nobody had declared; `parse_args` refuses them. With "
            "`type=bool`, `argparse` takes every non-empty word for true, `False` included; "
            "`tf.app.flags.DEFINE_boolean` did not."
        ),
        ko=(
            "프로그램의 플래그를 선언하고 해석한 뒤 `main`을 불렀으며, 이제는 `argparse`를 쓰고 `main`을 직접 "
            "부릅니다. `tf.app.run`은 선언하지 않은 플래그를 그냥 지나쳤지만, `parse_args`는 받지 않습니다. "
            "`argparse`는 `type=bool`이면 `False`를 포함해 비어 있지 않은 모든 단어를 참으로 보지만, "
            "`tf.app.flags.DEFINE_boolean`은 그렇지 않았습니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.gfile.Exists",
            "tf.gfile.DeleteRecursively",
            "tf.gfile.MakeDirs",
        ),
        heir="tf.io.gfile.makedirs(log_dir)",
        topic="program",
        en=(
            "Handled files and folders; `tf.io.gfile` does so under new names, `exists`, `rmtree` and `makedirs`, and "
            "`pathlib` serves as well for local ones. The `summaries` tutorial deleted its whole log folder with it at "
            "the start. The Keras program makes a new run folder each time and deletes nothing."
        ),
        ko=(
            "파일과 폴더를 다루었으며, 이제는 `tf.io.gfile`이 `exists`, `rmtree`, `makedirs`라는 새 이름으로 그 일을 "
            "하고, 로컬 파일이라면 `pathlib`로도 충분합니다. `summaries` 튜토리얼은 시작할 때 이것으로 로그 폴더를 "
            "통째로 지웠습니다. Keras 프로그램은 실행할 때마다 새 폴더를 만들고 아무것도 지우지 않습니다."
        ),
    ),
    Entry(
        spellings=(
            "tf.train.Saver",
            "saver.save",
            "saver.restore",
            "tf.train.load_checkpoint",
        ),
        heir='model.save_weights("final.weights.h5")',
        topic="program",
        en=(
            "Saved the variables of a session by name in a checkpoint and restored them; `save_weights` and "
            "`load_weights` do so for a model, `tf.train.Checkpoint` for model and optimizer together. By default it "
            "saved all variables, Adam's m and v included, and kept the last five checkpoints. `load_weights` needs a "
            "model of the same architecture. `tf.train.load_checkpoint` reads the arrays of an old checkpoint by name."
        ),
        ko=(
            "세션의 변수를 이름으로 체크포인트에 저장하고 복원했으며, 이제는 모델이라면 `save_weights`와 "
            "`load_weights`가, 모델과 옵티마이저를 함께라면 `tf.train.Checkpoint`가 그 일을 합니다. 기본값으로는 "
            "Adam의 m과 v까지 모든 변수를 저장하고 최근 체크포인트 다섯 개를 남겼습니다. `load_weights`에는 구조가 "
            "같은 모델이 필요합니다. `tf.train.load_checkpoint`는 옛 체크포인트의 배열을 이름으로 읽습니다."
        ),
    ),
)
