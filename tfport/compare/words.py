"""The prose of the pages, in English and Korean."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Language = Literal["en", "ko"]


class Words(NamedTuple):
    """A text in both languages; a part between backticks is code."""

    en: str
    ko: str

    def in_(self, language: Language) -> str:
        """The text in one of them."""
        return self.en if language == "en" else self.ko


class About(NamedTuple):
    """What a pair is, and what to look at in it."""

    title: Words
    lead: Words


# What the templates say, by the name they ask for it.
PAGE = {
    "site": Words("TF1 and Keras, side by side", "TF1과 Keras, 나란히 보기"),
    "lead": Words(
        "Eleven classic TensorFlow 1 tutorials and their Keras twins: the code section by section, what became of "
        "every construct, and measurements that show that both learn the same.",
        "고전적인 TensorFlow 1 튜토리얼 열한 개와 그 Keras 쌍둥이입니다. 코드를 섹션별로 나란히 놓고, 각 구문이 "
        "무엇으로 바뀌었는지 설명하며, 두 프로그램이 똑같이 학습한다는 것을 측정값으로 보여 줍니다.",
    ),
    "tf1": Words("TensorFlow 1 in a minute", "1분 만에 보는 TensorFlow 1"),
    "tf1 graph": Words(
        "A TF1 program first draws a graph and computes nothing. `tf.placeholder` is an empty inlet, `tf.Variable` a "
        "weight, `tf.matmul` a node that will multiply one day.",
        "TF1 프로그램은 먼저 그래프만 그리고 아무것도 계산하지 않습니다. `tf.placeholder`는 비어 있는 입구, "
        "`tf.Variable`은 가중치, `tf.matmul`은 나중에 곱셈을 할 노드입니다.",
    ),
    "tf1 session": Words(
        "Then a session runs it: `sess.run(train_step, feed_dict={x: images, t: labels})` pours one batch into the "
        "inlets and makes one step. The training loop is Python that does so thousands of times.",
        "그다음 세션이 그래프를 실행합니다. `sess.run(train_step, feed_dict={x: images, t: labels})`은 배치 하나를 "
        "입구에 넣고 한 스텝을 진행합니다. 훈련 반복문은 이것을 수천 번 되풀이하는 Python 코드입니다.",
    ),
    "tf1 keras": Words(
        "In Keras layers own their weights, `compile` names loss and optimizer, and one call of `fit` is the loop.",
        "Keras에서는 층이 자기 가중치를 가지고, `compile`이 손실 함수와 옵티마이저를 정하며, `fit` 호출 한 번이 "
        "반복문 전체를 대신합니다.",
    ),
    "pairs": Words("The eleven pairs", "열한 쌍의 프로그램"),
    "pairs of these": Words("The pairs", "프로그램 쌍"),
    "program": Words("program", "프로그램"),
    "result of": Words("result", "결과"),
    "agrees": Words("twins agree", "일치 여부"),
    "faster": Words(
        "time a step, TF1 ÷ tfport",
        "스텝 시간, TF1 ÷ tfport",
    ),
    "agree": Words("agree", "일치"),
    "disagree": Words("DISAGREE", "불일치"),
    "not measured": Words("not measured", "측정하지 않음"),
    "theme": Words("Dark or light", "어둡게 또는 밝게"),
    "skip": Words("Skip to the content", "본문으로 건너뛰기"),
    "ledger": Words("The ledger: what became of what", "대조표: 무엇이 무엇으로 바뀌었는가"),
    "ledger lead": Words(
        "TF1 constructs that the tutorials use, here or in their original form, their heirs in Keras, and what "
        "behaves differently.",
        "튜토리얼이 여기서 또는 원래 형태에서 쓰는 TF1 구문과, Keras에서 그 자리를 이어받은 것, 그리고 달라지는 "
        "동작입니다.",
    ),
    "shown by": Words("seen in", "나오는 곳"),
    "also": Words("also in", "다른 곳"),
    "nothing": Words("nothing: no longer needed", "없음: 더 이상 필요하지 않습니다"),
    "minute": Words("In one minute", "1분 요약"),
    "feed": Words("What replaced `feed_dict`?", "`feed_dict`는 무엇으로 바뀌었습니까?"),
    "feed digits": Words(
        "In TF1 a Python loop asks `next_batch` for images and copies them into the graph through `feed_dict`, once a "
        "step. Here one call of `training.fit` is the loop: all images lie in TensorFlow from the start, and each "
        "step gathers the rows of its batch by their numbers. The rule is the same: shuffled anew for every epoch, "
        "every batch full.",
        "TF1에서는 Python 반복문이 매 스텝 `next_batch`로 이미지를 받아 `feed_dict`를 통해 그래프 안으로 복사합니다. "
        "여기서는 `training.fit` 호출 한 번이 그 반복문입니다. 모든 이미지는 처음부터 TensorFlow 안에 있고, 스텝마다 "
        "자기 배치의 행을 번호로 골라 모읍니다. 규칙은 같습니다. 에포크마다 새로 섞고, 모든 배치를 가득 채웁니다.",
    ),
    "feed points": Words(
        "Every step learns from all of the data. In TF1 a Python loop copies it into the graph through `feed_dict` "
        "for each step anew. Here it is handed to `training.fit` once, and the loop runs inside TensorFlow.",
        "모든 스텝이 데이터 전체로 학습합니다. TF1에서는 Python 반복문이 스텝마다 `feed_dict`로 데이터를 그래프에 "
        "다시 복사합니다. 여기서는 데이터를 `training.fit`에 한 번 넘기고, 반복은 TensorFlow 안에서 돕니다.",
    ),
    "same": Words(
        "Why do both learn the same?",
        "두 프로그램이 똑같이 학습하는 이유는 무엇입니까?",
    ),
    "same why": Words(
        "The same variables start from the same distributions, the loss is mathematically the same, and the optimizer "
        "updates by TF1's formula with TF1's constants. With equal initial weights, batches and dropout masks both "
        "programs were measured against each other, one rung of a ladder after the other:",
        "같은 변수가 같은 분포에서 시작하고, 손실은 수학적으로 같으며, 옵티마이저는 TF1의 식과 상수로 갱신합니다. "
        "초기 가중치, 배치, 드롭아웃 마스크를 같게 두고 두 프로그램을 사다리의 단계별로 서로 비교해 측정했습니다.",
    ),
    "came": Words("What came out?", "결과는 어떻습니까?"),
    "printed": Words("printed by the author", "저자가 출력한 값"),
    "difference": Words("difference, 95 % interval", "차이, 95 % 신뢰 구간"),
    "runs": Words("paired runs", "짝지은 실행 수"),
    "contents": Words(
        "Sections",
        "목차",
    ),
    "steps": Words("step", "스텝"),
    "show": Words("Show both", "양쪽 보기"),
    "alone": Words("Nothing on this side.", "이쪽에는 없습니다."),
    "became": Words("What became of what", "무엇이 무엇으로 바뀌었는가"),
    "measured": Words("Measured", "측정 결과"),
    "ladder": Words("The ladder of parity", "동등성 사다리"),
    "rung": Words("rung", "단계"),
    "compared": Words("compared", "비교한 것"),
    "error": Words("largest error", "최대 오차"),
    "allowed": Words("allowed", "허용값"),
    "verdict": Words("verdict", "판정"),
    "passed": Words("passed", "통과"),
    "failed": Words("FAILED", "실패"),
    "told": Words("told, not judged", "참고값"),
    "curves": Words("Learning curves", "학습 곡선"),
    "curves lead": Words(
        "Runs of both programs on one chart, one line for each run. Where the lines of TF1 and Keras cover each "
        "other, the runs are equal.",
        "두 프로그램의 실행을 한 그래프에 그렸으며 선 하나가 실행 하나입니다. TF1과 Keras의 선이 겹치는 곳은 두 "
        "실행이 같습니다.",
    ),
    "learned": Words("What was learned", "학습된 결과"),
    "learned lead": Words(
        "From the first run of each program, drawn by the same functions.",
        "각 프로그램의 첫 실행 결과를 같은 함수로 그렸습니다.",
    ),
    "speed": Words("Speed", "속도"),
    "speed lead": Words(
        "Time of one training step, same data, batch, model and number of steps, alternated in one run.",
        "같은 데이터, 배치, 모델, 스텝 수로 번갈아 실행해 잰 훈련 스텝 하나의 시간입니다.",
    ),
    "contestant": Words("program", "프로그램"),
    "step time": Words("time a step", "스텝당 시간"),
    "of": Words("measured with", "측정 환경"),
    "previous": Words("previous", "이전"),
    "next": Words("next", "다음"),
    "notebook budget": Words(
        "Both programs, forty steps each, on their own data or on constant images that stand for digits. For the real "
        "thing change `words`: another source of data is `--data mnist`, and without `--steps` the budget is the "
        "tutorial's.",
        "두 프로그램을 마흔 스텝씩 실행합니다. 데이터는 각자의 것이거나 숫자 이미지를 대신하는 상수 이미지입니다. "
        "제대로 돌려 보려면 `words`를 바꾸십시오. `--data mnist`는 실제 데이터이고, `--steps`를 빼면 튜토리얼의 스텝 "
        "수를 씁니다.",
    ),
    "notebook loss": Words(
        "Loss against steps. Each program draws its own initial weights and batches here; `tfport parity` gives both "
        "the same ones.",
        "스텝에 따른 손실입니다. 여기서는 프로그램마다 초기 가중치와 배치를 따로 뽑습니다. 같은 것을 주고 비교하려면 "
        "`tfport parity`를 쓰십시오.",
    ),
    "site parts": Words("parts of the site", "사이트의 구성"),
    "neighbours": Words("neighbouring pairs", "이웃한 쌍"),
    "curve": Words(
        "{name}: {quantity} of both programs against steps. {came}",
        "{name}: 스텝에 따른 두 프로그램의 {quantity}. {came}",
    ),
    "came to": Words("TF1 came to {old}, Keras to {new}", "TF1은 {old}, Keras는 {new}"),
    "ends": Words(
        "{name}: histograms of the final losses of {runs} starts, TF1 above Keras",
        "{name}: 시작점 {runs}개의 최종 손실 히스토그램, 위는 TF1, 아래는 Keras",
    ),
    "figure learned": Words("{name}: what the {program} program has learned", "{name}: {program} 프로그램이 학습한 것"),
    "figure filters": Words(
        "{name}: the filters of the {program} program's first convolution",
        "{name}: {program} 프로그램의 첫 합성곱 필터",
    ),
    "figure misread": Words(
        "{name}: the first test images that the {program} program misreads, with the probabilities it gives",
        "{name}: {program} 프로그램이 잘못 읽은 첫 테스트 이미지들과 각 숫자의 확률",
    ),
    "no figure": Words(
        "`{name}`: the weights of the {program} program's first run are NaN, so there is nothing to draw of it.",
        "`{name}`: {program} 프로그램의 첫 실행은 가중치가 NaN이 되어 그릴 것이 없습니다.",
    ),
    "no digits": Words(
        "The images that were misread are missing here: MNIST was not on the machine that wrote this page.",
        "잘못 읽은 이미지는 여기에 없습니다. 이 페이지를 만든 컴퓨터에 MNIST가 없었습니다.",
    ),
    "try": Words("Run them", "실행해 보기"),
}

# What ``tfport audit`` says.
AUDIT = {
    "gone": Words("gone", "사라짐"),
    "v1 only": Words("tf.compat.v1 alone", "tf.compat.v1에만 있음"),
    "changed": Words("changed", "달라짐"),
    "kept": Words("unchanged", "그대로"),
    "counts": Words(
        "{uses} uses, {kinds} constructs, {files} of {read} sources. TensorFlow 2 has {old} of the uses no more or in "
        "tf.compat.v1 alone, {changed} changed, {kept} unchanged.",
        "사용 {uses}곳, 구문 {kinds}가지, 소스 {read}개 가운데 {files}개입니다. TensorFlow 2에 없거나 tf.compat.v1에만 "
        "있는 것이 {old}곳, 달라진 것이 {changed}곳, 그대로인 것이 {kept}곳입니다.",
    ),
    "nothing": Words(
        "Nothing of TensorFlow 1; sources read: {read}.", "TensorFlow 1 구문이 없습니다. 읽은 소스: {read}개."
    ),
}

SECTIONS = {
    "flags": Words(
        "Imports and flags",
        "임포트와 플래그",
    ),
    "data": Words("Data", "데이터"),
    "model": Words("Model", "모델"),
    "loss and optimizer": Words("Loss and optimizer", "손실 함수와 옵티마이저"),
    "training": Words("Training loop", "훈련 반복문"),
    "evaluation": Words("Evaluation", "평가"),
    "figures": Words("Figures", "그림"),
    "program": Words("Program", "프로그램"),
    "summaries": Words("Summaries for TensorBoard", "TensorBoard 요약"),
}


def section(name: str) -> Words:
    """The title of a section; of one that only somebody's own pair has, its name."""
    return SECTIONS.get(name) or Words(name, name)


RUNGS = {
    1: Words("variables and their initial values", "변수와 초깃값"),
    2: Words("logits, weights copied", "로짓 (가중치를 복사한 뒤)"),
    3: Words("loss and gradients", "손실과 기울기"),
    4: Words("optimizer steps in lockstep", "나란히 진행한 옵티마이저 스텝"),
    5: Words("trained to the end, each by its own code", "각자의 코드로 끝까지 훈련"),
}

RESULTS_SAY = {
    "loss": Words("loss", "손실"),
    "accuracy": Words("accuracy", "정확도"),
    "points": Words(" points", " %p"),
    "to": Words("to", "~"),
    "equal": Words("0, all weights equal to the bit", "0, 모든 가중치가 비트까지 같음"),
}

# What a rung compares, by the name its check has; N stands for a number.
CHECKS = {
    "accuracies of the reports": "보고된 정확도",
    "accuracy difference, interval's far end": "정확도 차이 (신뢰 구간의 먼 쪽 끝)",
    "count, shapes, trainability": "개수, 모양, 훈련 여부",
    "gradients after N steps": "N 스텝 뒤의 기울기",
    "gradients at seeded weights": "시드로 정한 가중치에서의 기울기",
    "initial distributions": "초깃값의 분포",
    "logits after N steps": "N 스텝 뒤의 로짓",
    "logits at seeded weights": "시드로 정한 가중치에서의 로짓",
    "loss after N steps": "N 스텝 뒤의 손실",
    "loss at seeded weights": "시드로 정한 가중치에서의 손실",
    "losses (ulp)": "손실 (ulp)",
    "losses N-N": "N-N 스텝의 손실",
    "losses N-N of the raw form": "N-N 스텝의 손실 (원래 수식)",
    "losses not finite": "유한하지 않은 손실",
    "losses of the reports": "보고된 손실",
    "losses off the printed ones": "저자가 출력한 손실과의 차이",
    "optimizer alone": "옵티마이저만 따로",
    "optimizer slots after N steps (ulp)": "N 스텝 뒤의 옵티마이저 슬롯 (ulp)",
    "points from the printed figure": "저자가 출력한 값과의 차이 (%p)",
    "points outside the band": "허용 대역을 벗어난 정도 (%p)",
    "raw loss": "원래 수식의 손실",
    "share of pairs in different minima": "서로 다른 극소점에서 끝난 쌍의 비율",
    "steps before rounding takes over the raw form": "원래 수식에서 반올림 오차가 커지기 전까지의 스텝",
    "weights after N steps (ulp)": "N 스텝 뒤의 가중치 (ulp)",
}


def check(name: str) -> Words:
    """The name of a comparison; of one that only somebody's own rung has, its English one."""
    numbers = iter(re.findall(r"\d+", name))
    korean = CHECKS.get(re.sub(r"\d+", "N", name), name)
    return Words(name, re.sub(r"\bN\b", lambda _: next(numbers), korean))


PAIRS = {
    "temperature": About(
        Words("A polynomial through twelve temperatures", "열두 달 기온을 지나는 다항식"),
        Words(
            "Twelve monthly means, a polynomial of degree four, 100,000 steps of Adam on all twelve at once. Nothing "
            "is random here: taken step by step, both programs agree to the bit.",
            "월평균 기온 열두 개와 4차 다항식을 놓고, 열두 개 전부에 대해 Adam으로 100,000 스텝을 학습합니다. "
            "무작위인 것이 없어, 한 스텝씩 비교하면 두 프로그램은 비트까지 같습니다.",
        ),
    ),
    "logistic": About(
        Words("Logistic regression on 35 points", "점 35개에 대한 로지스틱 회귀"),
        Words(
            "Two classes of points and a straight line between them. TF1 writes the sigmoid and the logarithm of the "
            "loss by hand; Keras computes both inside the loss, from logits, where a log of 0 cannot occur.",
            "두 종류의 점과 그 사이를 가르는 직선입니다. TF1은 시그모이드와 손실의 로그를 직접 쓰고, Keras는 둘 다 "
            "손실 함수 안에서 로짓으로부터 계산하므로 0의 로그가 생기지 않습니다.",
        ),
    ),
    "holdout": About(
        Words("Logistic regression with held-out points", "일부를 떼어 둔 로지스틱 회귀"),
        Words(
            "The model of `logistic` on 1,400 points, a fifth of which is never trained on. Accuracy on both parts is "
            "recorded after every step: a loop of `sess.run` in TF1, a callback in Keras.",
            "`logistic`의 모델을 점 1,400개에 쓰되 5분의 1은 훈련하지 않고 남겨 둡니다. 두 부분의 정확도를 매 스텝 "
            "기록하는 일은 TF1에서는 `sess.run` 반복문, Keras에서는 콜백이 맡습니다.",
        ),
    ),
    "hidden": About(
        Words("One hidden layer on 65 points", "점 65개와 은닉층 하나"),
        Words(
            "Three small networks. With relu the TF1 program's hand-written `log` turns into NaN from nearly half of "
            "all starts; the same model on logits never does. Which minimum a run ends in is mostly decided by its "
            "first weights, so many starts are compared.",
            "작은 신경망 세 개입니다. relu를 쓰면 TF1 프로그램이 직접 쓴 `log`는 시작점의 절반 가까이에서 NaN이 "
            "되지만, 로짓을 쓰는 같은 모델은 결코 그렇지 않습니다. 어느 극소점에서 끝나는지는 대체로 처음 가중치가 "
            "정하므로 여러 시작점을 비교합니다.",
        ),
    ),
    "two_hidden": About(
        Words("Two hidden layers and XOR", "은닉층 둘과 XOR"),
        Words(
            "Four clouds of points in an XOR layout, two tanh layers of two units. Small networks get stuck in "
            "minima: fifty starts of each program are compared, minimum by minimum.",
            "XOR 모양으로 놓인 네 무리의 점과, 유닛이 둘씩인 tanh 층 두 개입니다. 작은 신경망은 극소점에 쉽게 "
            "갇히므로 프로그램마다 쉰 개의 시작점을 극소점별로 비교합니다.",
        ),
    ),
    "softmax": About(
        Words("Softmax regression", "소프트맥스 회귀"),
        Words(
            "The smallest classifier of MNIST: 7,850 weights that all start at zero. The place to see `placeholder`, "
            "`feed_dict` and `next_batch` turn into one call of `fit`.",
            "가장 작은 MNIST 분류기로, 가중치 7,850개가 모두 0에서 시작합니다. `placeholder`, `feed_dict`, "
            "`next_batch`가 `fit` 호출 하나로 바뀌는 모습을 보기에 좋습니다.",
        ),
    ),
    "dnn": About(
        Words("Two hidden layers with softmax inside", "softmax를 활성화 함수로 쓴 은닉층 둘"),
        Words(
            "Softmax as the activation of hidden layers learns badly, and every weight and bias starts from N(0, 1): "
            "kept as the tutorial has it. A good port keeps the flaws, and says so.",
            "은닉층의 활성화 함수로 softmax를 쓰면 잘 학습되지 않고, 모든 가중치와 편향이 N(0, 1)에서 시작합니다. "
            "튜토리얼 그대로 두었습니다. 좋은 이식은 결점까지 옮기고 그 사실을 밝힙니다.",
        ),
    ),
    "summaries": About(
        Words("Summaries for TensorBoard", "TensorBoard 요약"),
        Words(
            "A hidden layer with dropout, and much of what TensorBoard can show of it. Summary operations that TF1 "
            "wires into the graph become Keras callbacks, under the same tags.",
            "드롭아웃이 있는 은닉층 하나와, TensorBoard가 보여 줄 수 있는 것의 많은 부분입니다. TF1이 그래프에 엮어 "
            "넣는 요약 연산은 같은 태그를 쓰는 Keras 콜백이 됩니다.",
        ),
    ),
    "small_cnn": About(
        Words("A small CNN", "작은 CNN"),
        Words(
            "Convolutions of 4 and 8 filters, trained for 10,000 steps on logits: the TF1 program is numerically "
            "sound here, and taken step by step both agree to the bit.",
            "필터가 4개와 8개인 합성곱을 10,000 스텝 훈련합니다. 이 TF1 프로그램은 로짓을 쓰므로 수치적으로 안정하고, "
            "한 스텝씩 비교하면 두 프로그램이 비트까지 같습니다.",
        ),
    ),
    "single_cnn": About(
        Words("One convolution, one dense layer", "합성곱 하나, 완전 연결층 하나"),
        Words(
            "Sixteen filters, 1,024 hidden units, a loss that is summed over the batch. Both programs draw what the "
            "filters respond to.",
            "필터 16개, 은닉 유닛 1,024개, 배치 전체를 더하는 손실 함수입니다. 두 프로그램 모두 필터가 무엇에 "
            "반응하는지 그림으로 그립니다.",
        ),
    ),
    "cnn": About(
        Words("Two convolutions with dropout", "드롭아웃을 쓴 합성곱 둘"),
        Words(
            "The classic CNN for MNIST. `keep_prob` becomes a rate, the bare `log` of a softmax becomes a loss on "
            "logits, and a loss that is summed over the batch stays a sum.",
            "MNIST용 CNN의 고전입니다. `keep_prob`은 버릴 확률(rate)로, softmax에 그대로 씌운 `log`는 로짓에 대한 "
            "손실로 바뀌고, 배치 전체를 더하는 손실은 그대로 합으로 남습니다.",
        ),
    ),
}
